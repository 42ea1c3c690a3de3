"""Statistical methods that know no domain: arrays and frames in, frames and frozen dataclasses out.

Everywhere `confidence` is the coverage of an interval, in (0, 1). A function raises MethodError where an
argument is outside the range stated for it, or what it is given does not fit together.
"""
