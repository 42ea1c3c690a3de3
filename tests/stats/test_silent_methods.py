"""What the libraries below warn of reaches no reader: series and tables on which their methods struggle."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from s75lib.errors import MethodError
from s75lib.stats.forecasting import interrupted_time_series
from s75lib.stats.suppression import suppress_cells

chance = np.random.default_rng(16)
SERIES = {
    "all but one month nought": [0.0] * 11 + [9.0] + [0.0] * 11 + [9.0],
    "huge": (10.0 ** chance.uniform(0, 12, 24)).round().tolist(),
    "alternating": [0.0, 1e9] * 12,
    "one outlier": [3.0] * 23 + [1e15],
    "constant": [7.0] * 24,
    "nought before and much after": [0.0] * 11 + [1.0] + [1e6] * 12,
    "mostly missing": [float("nan"), 5.0, float("nan"), 9.0] * 6,
    "fractions": [1e-12] * 12 + [1e12] * 12,
    "growing by a thousand": [1000.0**k for k in range(24)],
}


@pytest.fixture(autouse=True)
def _loud(capfd: pytest.CaptureFixture[str]):
    """Make every warning an error, and read what compiled code prints past Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")


@pytest.mark.parametrize("name", SERIES)
def test_a_step_is_fitted_in_silence(name: str) -> None:
    try:
        found = interrupted_time_series(SERIES[name], 12)
    except MethodError:
        return
    assert found.level_lower <= found.level_upper or np.isnan(found.level_lower)


def test_the_step_s_library_does_warn_of_such_series() -> None:
    """That these are hard: without our silence at least one of them warns."""
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    design = np.column_stack([np.ones(24), np.arange(24) >= 12])
    warned = []
    for values in SERIES.values():
        y = np.nan_to_num(np.array(values))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                GLM(y, design, family=families.Poisson()).fit()
            except (ValueError, np.linalg.LinAlgError):
                continue
        warned += [str(one.category.__name__) for one in caught]
    assert warned


@pytest.mark.parametrize(
    "table",
    [
        np.zeros((3, 3)), np.ones((3, 3)), np.full((2, 2), 10**9), np.array([[1, 10**9], [10**9, 1]]),
        np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]]), np.array([[4, 10**15, 4], [4, 4, 4]]),
    ],
)  # fmt: skip
def test_cells_are_suppressed_in_silence(table: np.ndarray) -> None:
    rows, columns = table.shape
    cells = {(at, to): int(table[at, to]) for at in range(rows) for to in range(columns)}
    sums = [((at, "all"), [(at, to) for to in range(columns)]) for at in range(rows)]
    sums += [(("all", to), [(at, to) for at in range(rows)]) for to in range(columns)]
    counts = pd.Series(cells | {total: sum(cells[cell] for cell in parts) for total, parts in sums})
    if counts.max() > 10**10:
        with pytest.raises(MethodError, match="expected people"):
            suppress_cells(counts, sums, 5)
    else:
        assert suppress_cells(counts, sums, 5).hidden.dtype == bool
