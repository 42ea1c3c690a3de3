"""A raw table against its schema: every fault at once, each with its place and remedy."""

from __future__ import annotations

__all__ = ["Validated", "empty_frame", "pandera_schema", "read_columns", "validate", "validated"]

from s75lib.loaders.validation.checks import Validated, read_columns, validate, validated
from s75lib.loaders.validation.frames import empty_frame
from s75lib.loaders.validation.schema import pandera_schema
