"""Runs, sweeps, observers, activations, systems, readers."""

import doctest
import importlib
import importlib.util
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import unittest.mock

import numpy as np

import phaseflow

PROGRAM = os.environ.get("PHASEFLOW_PROGRAM")
FOUR_POINTS = (np.array([-1 / 2, -1 / 6, 1 / 6, 1 / 2]), np.array([1 / 4, 1 / 36, 1 / 36, 1 / 4]))


def load_tests(_loader, tests, _pattern):
    """The examples in the documentation."""
    for name in ("phaseflow", "_solve", "_run", "_sweep", "_plugins", "_catalog"):
        module = importlib.import_module(name if name == "phaseflow" else f"phaseflow.{name}")
        tests.addTests(doctest.DocTestSuite(module))
    return tests


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)


class Runs(Folder):
    def test_arrays_are_the_data_set_of_the_same_numbers(self):
        named = phaseflow.run(data="four-points", width=40, gamma=0.5, stop_loss=5e-7)
        given = phaseflow.run(data=FOUR_POINTS, width=40, gamma=0.5, stop_loss=5e-7)
        np.testing.assert_array_equal(named.state, given.state)
        np.testing.assert_array_equal(named["rdW"], given["rdW"])
        self.assertEqual(named.state.shape, (40, 3))
        self.assertLess(named["loss"][-1], 5.0001e-7)

    def test_a_folder_reads_back_as_it_was(self):
        out = self.folder / "r"
        written = phaseflow.run(data=FOUR_POINTS, width=40, stop_loss=1e-3, out=out)
        read = phaseflow.read_run(out)
        self.assertEqual(list(read), list(written))
        for name in read:
            np.testing.assert_array_equal(read[name], written[name])
        np.testing.assert_array_equal(read.state, written.state)
        np.testing.assert_array_equal(read.initial_state, written.initial_state)
        self.assertEqual(read.summary, json.loads((out / "summary.json").read_text()))
        again = phaseflow.run(out / "config.yaml")
        np.testing.assert_array_equal(again.state, written.state)
        other = phaseflow.run(out / "config.yaml", width=20)
        self.assertEqual(other.state.shape, (20, 3))

    @unittest.skipUnless(PROGRAM, "PHASEFLOW_PROGRAM does not name the program")
    def test_the_program_writes_the_same(self):
        subprocess.run(
            [PROGRAM, "run", "--data", "four-points", "--width", "60", "--gamma", "1.75", "--out", self.folder / "r", "--quiet"],
            check=True,
        )
        read = phaseflow.read_run(self.folder / "r")
        same = phaseflow.run(data="four-points", width=60, gamma=1.75)
        for name in read:
            np.testing.assert_array_equal(read[name], same[name])
        np.testing.assert_array_equal(read.state, same.state)

    def test_an_initial_state_is_one(self):
        first = phaseflow.run(width=30, gamma=0.5, t_end=1.0)
        second = phaseflow.run(width=30, gamma=0.5, t_end=1.0, initial_state=first.state)
        np.testing.assert_array_equal(second.initial_state, first.state)
        with self.assertRaisesRegex(ValueError, "shape"):
            phaseflow.run(width=31, initial_state=first.state)

    def test_people_see_five_digits(self):
        result = phaseflow.run(width=40, gamma=1.75, stop_loss=1e-3)
        shown = repr(result)
        self.assertRegex(shown, r"reached the loss 0.001 at t = \d(\.\d{1,4})?e\+\d\d;")
        self.assertIn(f"t = {result.time[-1]:.5g}", result._repr_html_())
        self.assertIn(str(float(result.time[-1])), result.message)

    def test_record_takes_the_times_themselves(self):
        times = [0, 0.5, 2.25]
        for given in (times, np.array(times), "times:0,0.5,2.25"):
            found = phaseflow.run(width=30, gamma=0.5, t_end=2.25, record=given)
            np.testing.assert_array_equal(found.time, times)

    def test_mistakes_are_told(self):
        with self.assertRaisesRegex(TypeError, "'widht'; did you mean 'width'"):
            phaseflow.run(widht=3)
        with self.assertRaisesRegex(TypeError, "did you mean 'gamma_prime'"):
            phaseflow.run(gama_prime=3)
        for keys, message in [
            ({"width": -1}, "at least 1"),
            ({"activation": "rleu"}, "relu"),
            ({"integrator": "rkc(norm: mox)"}, "mox"),
            ({"data": ([1, 2], [1])}, "shapes"),
            ({"data": ([1, np.inf], [1, 2])}, "inf"),
            ({"system": "no-such"}, "no-such"),
        ]:
            with self.subTest(message), self.assertRaisesRegex(ValueError, message):
                phaseflow.run(**keys)

    def test_tables_and_summary(self):
        found = phaseflow.run(width=20, stop_loss=1e-2, observe=["relative-distance", "energy"])
        self.assertEqual(set(found.observers), {"relative-distance", "energy"})
        self.assertEqual(found.summary["width"], 20)
        self.assertIn("stop-loss: 1.0e-2", found.configuration.replace("0.01", "1.0e-2"))

    def test_pictures_and_html(self):
        page = phaseflow.run(width=20, stop_loss=1e-2)._repr_html_()
        self.assertIn("<svg", page)
        self.assertIn("stopped", page)
        gone, path = os.environ["PATH"], self.folder
        try:
            os.environ["PATH"] = os.fspath(path)
            pictures = phaseflow.run(width=20, stop_loss=1e-2).pictures()
        finally:
            os.environ["PATH"] = gone
        self.assertEqual(list(pictures), ["loss", "rdW"])
        self.assertIn("<polyline", pictures["loss"])

    @unittest.skipUnless(shutil.which("gnuplot"), "no gnuplot")
    def test_draws_the_programs_pictures(self):
        files = phaseflow.run(width=20, stop_loss=1e-2).draw(self.folder)
        self.assertIn("function.png", [file.name for file in files])
        self.assertTrue(all(file.stat().st_size > 1000 for file in files))

    def test_ctrl_c_is_heard_while_pictures_are_drawn(self):
        # A gnuplot that takes half a minute, in a group of its own, as one that a terminal's Ctrl-C does not reach.
        slow = self.folder / "gnuplot"
        slow.write_text("#!/bin/sh\nexec sleep 30\n")
        slow.chmod(0o755)
        before = os.environ["PATH"]
        os.environ["PATH"] = f"{self.folder}:{before}"
        self.addCleanup(os.environ.__setitem__, "PATH", before)
        result = phaseflow.run(width=20, stop_loss=1e-2)

        def interrupted(call):
            threading.Timer(1, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
            began = time.monotonic()
            with self.assertRaises(KeyboardInterrupt):
                call()
            # One second to the signal, another fifth to the next look, and a loaded machine.
            self.assertLess(time.monotonic() - began, 15)

        interrupted(lambda: result.draw(self.folder / "pictures"))
        interrupted(lambda: phaseflow.run(width=20, stop_loss=1e-2, out=self.folder / "r"))
        # The numbers were there already.
        self.assertEqual(phaseflow.read_run(self.folder / "r").return_code, "stopped")

    def test_mistakes_in_settings(self):
        x = np.linspace(-1, 1, 4)
        for keys, error, message in [
            (dict(data=x), ValueError, r"data=\(x, y\)"),
            (dict(observe=[phaseflow.Observer]), TypeError, r"give an object of it, Observer\(\)"),
            (dict(width={1, 2}), TypeError, "a setting cannot be"),
        ]:
            with self.subTest(message), self.assertRaisesRegex(error, message):
                phaseflow.run(stop_loss=1e-2, **keys)

    def test_resumes_what_was_interrupted(self):
        class Interrupts(phaseflow.Observer):
            name = "interrupts"
            count = 0

            def step(self, moment):
                self.count += 1
                if self.count == 20:
                    signal.raise_signal(signal.SIGINT)

        # A second or more of steps, of which each calls the observer.
        keys = dict(width=20, gamma=0.5, integrator="euler", step=1e-4, t_end=10.0, record="linear:1")
        whole = phaseflow.run(**keys, observe="none")
        with self.assertRaises(KeyboardInterrupt):
            phaseflow.run(**keys, observe=[Interrupts()], out=self.folder / "r")
        self.assertFalse((self.folder / "r.part").exists() and (self.folder / "r").exists())

        class Quiet(phaseflow.Observer):
            name = "interrupts"

        gone_on = phaseflow.resume(self.folder / "r", plugins=[Quiet()])
        self.assertEqual(gone_on.return_code, "success")
        np.testing.assert_allclose(gone_on.state, whole.state, rtol=1e-9)

    @unittest.skipUnless(importlib.util.find_spec("pandas"), "no pandas")
    def test_pandas(self):
        found = phaseflow.run(width=20, stop_loss=1e-2)
        frame = found.to_pandas()
        np.testing.assert_array_equal(frame["loss"].to_numpy(), found["loss"])
        self.assertEqual(frame.index.name, "time")

    @unittest.skipUnless(importlib.util.find_spec("xarray"), "no xarray")
    def test_xarray(self):
        found = phaseflow.run(width=20, stop_loss=1e-2).to_xarray()
        self.assertEqual(found.attrs["width"], 20)
        self.assertEqual(found["loss"].dims, ("time",))


class Exports(Folder):
    @unittest.skipUnless(importlib.util.find_spec("h5py"), "no h5py")
    def test_hdf5(self):
        import h5py

        found = phaseflow.run(width=20, stop_loss=1e-2)
        phaseflow.to_hdf5(found, self.folder / "run.h5")
        with h5py.File(self.folder / "run.h5") as file:
            self.assertEqual(list(file["record"]), list(found))
            np.testing.assert_array_equal(file["record/loss"], found["loss"])
            np.testing.assert_array_equal(file["state"], found.state)
            self.assertEqual(json.loads(file.attrs["summary"])["width"], 20)
        sweep = phaseflow.sweep(out=self.folder / "s", **Sweeps.keys)
        phaseflow.to_hdf5(sweep, self.folder / "sweep.h5")
        with h5py.File(self.folder / "sweep.h5") as file:
            np.testing.assert_array_equal(file["runs/rdW"], sweep.columns()["rdW"])
            self.assertEqual(len(file["curves"]), 6)

    @unittest.skipUnless(importlib.util.find_spec("pyarrow"), "no pyarrow")
    def test_parquet(self):
        import pyarrow.parquet

        found = phaseflow.run(width=20, stop_loss=1e-2)
        phaseflow.to_parquet(found, self.folder / "run.parquet")
        table = pyarrow.parquet.read_table(self.folder / "run.parquet")
        self.assertEqual(table.column_names, list(found))
        np.testing.assert_array_equal(table["loss"].to_numpy(), found["loss"])
        self.assertEqual(json.loads(table.schema.metadata[b"phaseflow.summary"])["width"], 20)


    @unittest.skipUnless(importlib.util.find_spec("tensorboard"), "no tensorboard")
    def test_tensorboard(self):
        from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

        found = phaseflow.run(width=20, stop_loss=1e-2)
        path = self.folder / "events.out.tfevents.run"
        phaseflow.to_tensorboard(found, path)
        events = [event for event in EventFileLoader(str(path)).Load() if event.HasField("summary")]
        self.assertEqual([event.wall_time for event in events], list(found["time"]))
        first = {value.tag: value for value in events[0].summary.value}
        self.assertEqual(set(first), set(found) - {"time"})
        with self.assertRaises(FileExistsError):
            phaseflow.to_tensorboard(found, path)

    @unittest.skipUnless(importlib.util.find_spec("h5py") and PROGRAM, "no h5py, or no program")
    def test_programs(self):
        """As the wheel installs them, `phaseflow export` finds them on PATH."""
        phaseflow.run(width=20, stop_loss=1e-2, out=self.folder / "r")
        script = self.folder / "phaseflow-export-hdf5"
        script.write_text(f"#!{sys.executable}\nimport sys\nfrom phaseflow._export import hdf5_program\nsys.exit(hdf5_program())\n")
        script.chmod(0o755)
        path = {**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}"}
        words = [PROGRAM, "export", str(self.folder / "r"), "--format", "hdf5", "--out", str(self.folder / "r.h5")]
        subprocess.run(words, env=path, check=True)
        import h5py

        with h5py.File(self.folder / "r.h5") as file:
            self.assertIn("loss", file["record"])
        self.assertEqual(subprocess.run(words, env=path, capture_output=True).returncode, 2)


    def test_a_missing_package_is_named(self):
        result = phaseflow.run(width=20, t_end=1.0)
        for write, module in [
            (phaseflow.to_hdf5, "h5py"), (phaseflow.to_parquet, "pyarrow"), (phaseflow.to_tensorboard, "tensorboard")
        ]:
            # None in sys.modules is how an import fails of what is not installed.
            with self.subTest(module), unittest.mock.patch.dict(sys.modules, {module: None}):
                with self.assertRaisesRegex(ModuleNotFoundError, rf"{module}.*pip install.*phaseflow\[formats\]"):
                    write(result, self.folder / "file")


class Plugins(Folder):
    def test_an_activation_in_python_is_the_built_in_one(self):
        tanh = phaseflow.Activation(
            "own-tanh",
            np.tanh,
            lambda z: 1 - np.tanh(z) ** 2,
            lambda z: -2 * np.tanh(z) * (1 - np.tanh(z) ** 2),
        )
        keys = dict(width=50, gamma=0.5, stop_loss=1e-4, rtol=1e-8, atol=1e-12, integrator="dormand-prince", observe="none")
        built_in, own = phaseflow.run(activation="tanh", **keys), phaseflow.run(activation=tanh, **keys)
        # The same mathematics by other instructions.
        np.testing.assert_allclose(own.state, built_in.state, rtol=1e-9, atol=1e-12)
        differenced = phaseflow.Activation("own-tanh", np.tanh, lambda z: 1 - np.tanh(z) ** 2)
        z = np.linspace(-3, 3, 61)
        np.testing.assert_allclose(differenced.second_derivative(z), tanh.second_derivative(z), atol=1e-9)

    def test_observers_are_called_in_order(self):
        calls = []

        class Watches(phaseflow.Observer):
            name, columns = "watches", ("product",)

            def begin(self, moment):
                calls.append("begin")

            def step(self, moment):
                calls.append("step")
                assert moment.previous_time < moment.time and moment.network.loss != moment.network.loss

            def record(self, moment):
                calls.append("record")
                network = moment.network
                outputs = network.kappa * np.maximum(network.inputs @ network.w.T, 0) @ network.a
                np.testing.assert_allclose(outputs, network.predictions, rtol=1e-10, atol=1e-14)
                np.testing.assert_allclose(0.5 * np.mean((outputs - network.targets) ** 2), network.loss, rtol=1e-9)
                return [network.a @ network.w[:, -1]]

            def finish(self, moment):
                calls.append("finish")
                return {"end": moment.time, "stopped": moment.return_code == "stopped"}

        found = phaseflow.run(width=20, gamma=1.0, stop_loss=1e-3, observe=["energy", Watches()])
        self.assertEqual((calls[0], calls[1], calls[-2], calls[-1]), ("begin", "record", "record", "finish"))
        self.assertEqual(calls.count("record"), len(found["product"]))
        self.assertEqual(calls.count("step"), found.summary["statistics"]["accepted"])
        self.assertEqual(found.observers["watches"], {"end": found["time"][-1], "stopped": 1})
        a, w = found.state[:, 0], found.state[:, 1:]
        self.assertAlmostEqual(found["product"][-1], a @ w[:, -1], places=12)

    def test_their_exceptions_arrive(self):
        class Fails(phaseflow.Observer):
            name = "fails"

            def record(self, moment):
                raise LookupError("mine")

        with self.assertRaisesRegex(LookupError, "mine"):
            phaseflow.run(width=20, observe=[Fails()])

        def fails(z):
            raise LookupError("mine too")

        with self.assertRaisesRegex(LookupError, "mine too"):
            phaseflow.run(width=20, activation=phaseflow.Activation("fails", fails, fails))

    def test_a_system_with_names_and_a_jacobian(self):
        asked = []

        def jacobian(t, y):
            asked.append(t)
            return [[0, 1], [-1, 0]]

        spring = phaseflow.System(
            "spring", lambda t, y: (y[1], -y[0]), [1, 0], final_time=5, component_names=["x", "v"], jacobian=jacobian
        )
        found = phaseflow.run(system=spring, integrator="radau", rtol=1e-8, atol=1e-10, out=self.folder / "s")
        self.assertEqual(list(found)[:3], ["time", "x", "v"])
        np.testing.assert_allclose(found["x"], np.cos(found["time"]), atol=1e-6)
        self.assertTrue(asked)


class Sweeps(Folder):
    keys = dict(
        base=dict(data="four-points", rtol=1e-2, asi=True),
        axes=dict(gamma=[0.5, 1.75], width=[50, 100, 200]),
        accuracy=dict(sample=0),
    )

    def test_slopes_and_rows(self):
        told = []
        found = phaseflow.sweep(out=self.folder / "s", **self.keys, progress=lambda p: told.append(p.done))
        self.assertTrue(found.success)
        columns = found.columns()
        self.assertEqual(sorted(set(columns["width"])), [50, 100, 200])
        self.assertEqual(len(columns["rdW"]), 6)
        self.assertEqual(told[-1], 6)
        slope = {s["gamma"]: s["fit"]["exponent"] for s in found.slopes("w")}
        # S_w is the slope of log RD_w against log m.
        for gamma in (0.5, 1.75):
            here = columns["gamma"] == gamma
            fit = np.polyfit(np.log(columns["width"][here]), np.log(columns["rdW"][here]), 1)[0]
            self.assertAlmostEqual(slope[gamma], fit, places=6)
        curve = found.curve(int(columns["run"][0]))
        self.assertEqual(curve["time"][0], 0)
        read = phaseflow.read_sweep(self.folder / "s")
        self.assertEqual(read.summary["done"], 6)
        self.assertIn("<", read._repr_html_())

    def test_the_same_call_goes_on(self):
        def stop(progress):
            return progress.done < 1

        first = phaseflow.sweep(out=self.folder / "s", **self.keys, workers=1, progress=stop)
        whole = phaseflow.sweep(out=self.folder / "s", **self.keys)
        self.assertLessEqual(first.summary["done"], whole.summary["done"])
        self.assertTrue(whole.success)

    def test_ctrl_c_is_heard(self):
        # Minutes of runs; what is done by then is kept.
        threading.Timer(1.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        began = time.monotonic()
        with self.assertRaises(KeyboardInterrupt):
            phaseflow.sweep(
                out=self.folder / "s", base=dict(data="four-points", asi=True, rtol=1e-6),
                axes=dict(gamma=list(np.linspace(0.5, 2, 40)), width=[10000, 20000, 40000], seed=list(range(1, 20))),
            )
        self.assertLess(time.monotonic() - began, 30)
        summary = phaseflow.read_sweep(self.folder / "s").summary
        self.assertLess(summary["done"], summary["total"])

    def test_mistakes_are_told(self):
        with self.assertRaisesRegex(TypeError, "unknown key"):
            phaseflow.sweep(out=self.folder / "s", bsae={})
        with self.assertRaisesRegex(ValueError, "no sweep"):
            phaseflow.read_sweep(self.folder / "none")
        with self.assertRaises(TypeError):
            phaseflow.sweep("figure-4", base={}, out=self.folder / "s")


if __name__ == "__main__":
    unittest.main()
