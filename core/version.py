"""The version, alone in a file that imports nothing, so that ``quorate --version`` costs no import."""

__version__ = "0.1.0"
