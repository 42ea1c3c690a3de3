"""From notebooks to reports: plan, run, export, manifest and index; knows notebooks, not the wings.

``notebooks``  what a notebook file says of itself: title, parameters, digest
``plan``       which reports to make, with every fault of the call found before anything starts
``batch``      runs a plan in worker processes; ``worker`` makes one report; ``store`` writes it safely
``outputs``    what an executed notebook shows, and whether all of it ran
``manifest``   the report's numbers as JSON, by the published schema
``exporter``   the HTML report (nbconvert), over ``page``, ``prose`` and ``sanitise``
``index``      one page over all reports
"""
