"""The forms of an issue kept as they are, so that it can be made again years later.

Everything that draws an issue (the code of `digest.render` and what it calls, templates,
catalogues) is one bundle, kept in the archive once for each version. `again` runs the code of such
a bundle in a process of its own. Libraries are not in it: their versions are kept beside, and
whoever makes an issue again is told which ones differ.
"""

from digest.frozen.again import again
from digest.frozen.bundle import Bundle, bundle, differing, digest_of, libraries

__all__ = ["Bundle", "again", "bundle", "differing", "digest_of", "libraries"]
