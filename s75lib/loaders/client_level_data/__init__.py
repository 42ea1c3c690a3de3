"""The national Client Level Data return, turned into a package ledger for an authority that is new here.

Every English council sends the Adult Social Care Client Level Data (CLD) return: one row per event, of
which the service events are its packages of care. `read_client_level_data` reads a council's own copy of
the return; `start_from_client_level_data` writes an authority's folder from it.

Modules: ``fields`` (the return's columns), ``people`` (pseudonyms and age bands), ``costs`` (a cost a week),
``care_types`` (the table to our care types), ``ledger`` (which events enter, which are left out and why),
``snapshots`` (the ledger's rows), ``limits`` (what it can't tell), ``folder`` (what is written).

Notes
-----
Confirmed in published sources: the field names (view ``CLD_R1_Raw`` in a council's published code for the
NHS England scripts); the service types, delivery mechanisms and primary support reasons of release 1 (NHS
England's code for SALT table LTS001a) and the service types of release 2; what the unit cost holds and which
services must have one, and that planned units are for costs by session, hour or day (CLD guidance, release
1, February 2023); cost frequencies weekly, fortnightly, 4-weekly, monthly, quarterly, annual and one-off
(DHSC's costs script); that death caps the end date, and that the event reference does not name an event
reliably across submissions (DHSC's notes on cleaning and deduplication).

Not confirmed, since the specification's workbooks could not be read: the full lists of service components
in either release (those in ``care_types.csv`` are in DHSC's and NHS England's code, or in a published data
standard that takes over the return's lists), and the header ``Unit Cost (£)``. Headers are therefore
compared by their letters and digits alone, values without regard to case, and a value that no row of
``care_types.csv`` fits is listed, never guessed.

References
----------
NHS England (2023) Adult Social Care Client Level Data: guidance, release 1.
NHSDigital/ASC-Client-Level-Data-SALT-ASCOF-transformations, LTS001a replication code.
DataS-DHSC/ASC-CLD-LA-Dashboard, 6.Costs_fact.sql and Main_tables/docs/methodology.
"""

from __future__ import annotations

__all__ = [
    "SUPPORT_REASONS",
    "ClientLevelData",
    "default_mapping",
    "read_client_level_data",
    "start_from_client_level_data",
    "stated_limits",
]

from s75lib.loaders.client_level_data.care_types import default_mapping
from s75lib.loaders.client_level_data.folder import start_from_client_level_data
from s75lib.loaders.client_level_data.ledger import (
    SUPPORT_REASONS,
    ClientLevelData,
    read_client_level_data,
)
from s75lib.loaders.client_level_data.limits import stated_limits
