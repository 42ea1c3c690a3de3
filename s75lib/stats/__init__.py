"""Statistical methods that know no domain: arrays and frames in, frames and frozen dataclasses out.

Everywhere `confidence` is the coverage of an interval or one less the level of a test, in (0, 1); `method`
names the methods, and `note` says what a reader must know besides, mostly nothing. A function raises
MethodError where an argument is outside the range stated for it, or what it is given does not fit together. A
parameter that several functions of a module share is described by the first of them.
"""
