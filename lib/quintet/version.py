"""The version, in the one place from which the build and `ai --version` read it."""

VERSION = "0.1.0"
