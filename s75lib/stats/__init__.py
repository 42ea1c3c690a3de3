"""Statistical methods that know no domain: arrays and frames in, frames and frozen dataclasses out."""
