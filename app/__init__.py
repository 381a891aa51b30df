"""How Vigie is run: the pipeline, the timetable, the commands, the pages."""

import sys

# sqlite-utils loads numpy wherever it is installed, for columns of numpy's numbers, which no table
# of ours has. That is a sixth of a command's start, and memory: so it is told that there is none.
if "numpy" not in sys.modules and "sqlite_utils" not in sys.modules:
    sys.modules["numpy"] = None  # type: ignore[assignment]  # Python's own sign for "not to be had"
    try:
        import sqlite_utils  # noqa: F401  # loaded here so that later imports find it as it is
    finally:
        del sys.modules["numpy"]
