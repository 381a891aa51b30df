"""The ground: what Vigie knows. The other packages import from here, and this from none."""

__version__ = "0.1.0"
