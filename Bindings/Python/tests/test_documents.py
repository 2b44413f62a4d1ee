"""The blocks of code in docs/python.md and docs/records.md, run one after the other as they are printed."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import phaseflow

DOCS = pathlib.Path(__file__).resolve().parent / "../../../docs"


def blocks(page: str, language: str) -> str:
    """All blocks of one language on a page."""
    text = (DOCS / page).read_text()
    return "\n".join(re.findall(rf"```{language}\n(.*?)```", text, re.S))


@unittest.skipUnless(DOCS.is_dir(), "no docs")
class Documents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        phaseflow.run(width=40, gamma=1.75, out=f"{cls.folder}/my-run")

    def check(self, command: list, code: str):
        self.assertTrue(code)
        done = subprocess.run(command, input=code, text=True, cwd=self.folder, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_python(self):
        for page in ("python.md", "records.md"):
            with self.subTest(page):
                environment = dict(os.environ, PYTHONPATH=os.pathsep.join(path for path in sys.path if path))
                code = blocks(page, "python")
                self.assertTrue(code)
                done = subprocess.run(
                    [sys.executable, "-"], input=code, text=True, cwd=self.folder, capture_output=True, env=environment
                )
                self.assertEqual(done.returncode, 0, done.stderr)

    @unittest.skipUnless(shutil.which("Rscript"), "no R")
    def test_r(self):
        if subprocess.run(["Rscript", "-e", "library(jsonlite); library(DBI); library(RSQLite)"], capture_output=True).returncode:
            self.skipTest("R without jsonlite, DBI, RSQLite")
        phaseflow.sweep(out=f"{self.folder}/fig4", base=dict(rtol=1e-2), axes=dict(gamma=[0.5], width=[50, 100]))
        self.check(["Rscript", "-"], blocks("records.md", "r"))

    @unittest.skipUnless(shutil.which("julia"), "no Julia")
    def test_julia(self):
        if subprocess.run(["julia", "-e", "using CSV, DataFrames, JSON, NPZ"], capture_output=True).returncode:
            self.skipTest("Julia without CSV, DataFrames, JSON, NPZ")
        self.check(["julia", "-"], blocks("records.md", "julia"))


if __name__ == "__main__":
    unittest.main()
