"""The archive and the desk: two SQLite files, and every statement that touches them."""

import sys

# sqlite-utils loads numpy and pandas where they are installed, only to know their types: a quarter
# of a command's start. While it is loaded they seem not to be there; after that they may be.
_unloaded = [name for name in ("numpy", "pandas") if name not in sys.modules]
sys.modules.update(dict.fromkeys(_unloaded))  # type: ignore[arg-type]  # None: it cannot be imported
try:
    import sqlite_utils  # noqa: F401  loaded for all others
finally:
    for _name in _unloaded:
        del sys.modules[_name]
