"""The staff that the reviews after a transfer of packages take."""

from __future__ import annotations

__all__ = ["transfer_need"]

import pandas as pd

from s75lib.workload.assumptions import Assumptions
from s75lib.workload.staffing.required import hours_a_month, years

_DRAWS = 4000


def transfer_need(reviews: pd.DataFrame, held: Assumptions) -> dict[str, float]:
    """Find the staff that the reviews after a transfer take in its first twelve months.

    Parameters
    ----------
    reviews : DataFrame
        As `s75lib.workload.reviews.transfer_reviews` gives it.
    held : Assumptions

    Returns
    -------
    dict of str to float
        light_touch, yearly (reviews), central, lower_95, upper_95 (WTE on the mean of the year), from the
        hours for each review, packages for one person, hours a week, weeks and time without contact; error
        (standard error of the central figure from the finite number of draws).

    Examples
    --------
    Sixty light-touch reviews of 2 hours and 180 yearly ones of 6 are 1,200 hours: those that a post has in a
    year at 40 hours a week, 40 weeks, and a quarter without contact. What comes later is left out:

    >>> from s75lib.workload.assumptions import Assumption
    >>> reviews = pd.DataFrame({"month": [0, 1, 12], "light_touch": [20, 40, 99], "yearly": [90, 90, 99]})
    >>> known = {"hours_per_light_touch_review": 2, "hours_per_review": 6, "packages_per_person": 1,
    ...          "hours_per_week": 40, "weeks_available": 40, "non_contact_share": 0.25}
    >>> held = Assumptions({name: Assumption(name, name, at, at, at, "", "") for name, at in known.items()})
    >>> found = transfer_need(reviews, held)
    >>> found["light_touch"], found["yearly"], found["central"]
    (60.0, 180.0, 1.0)
    """
    first = reviews[reviews["month"] < 12]
    light, yearly = float(first["light_touch"].sum()), float(first["yearly"].sum())
    each = held["packages_per_person"].stream(_DRAWS) / held.central("packages_per_person")
    hours = each * (
        light * held["hours_per_light_touch_review"].stream(_DRAWS)
        + yearly * held["hours_per_review"].stream(_DRAWS)
    )
    wte = hours / (12 * hours_a_month(held, _DRAWS))
    row = years({"transfer": wte[:, None]}, "of").iloc[0].drop("of")
    return {"light_touch": light, "yearly": yearly} | {
        name: float(row[name]) for name in ("central", "lower_95", "upper_95", "error")
    }
