"""The notebooks of Examples/Notebooks, executed: each checks itself."""

import importlib.util
import pathlib
import unittest

NOTEBOOKS = pathlib.Path(__file__).resolve().parent / "../../../Examples/Notebooks"
HAS_TOOLS = all(importlib.util.find_spec(name) for name in ("nbclient", "nbformat", "ipykernel"))


@unittest.skipUnless(HAS_TOOLS and NOTEBOOKS.is_dir(), "no nbclient with ipykernel, or no notebooks")
class Notebooks(unittest.TestCase):
    def test_they_run_to_their_ends(self):
        import nbclient
        import nbformat

        found = sorted(NOTEBOOKS.glob("*.ipynb"))
        self.assertGreaterEqual(len(found), 4)
        for path in found:
            with self.subTest(path.name):
                notebook = nbformat.read(path, as_version=4)
                # They are kept without outputs.
                self.assertFalse(any(cell.get("outputs") for cell in notebook.cells))
                nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3").execute()


if __name__ == "__main__":
    unittest.main()
