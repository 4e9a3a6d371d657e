"""All that happens around a check: options, outcomes, severity, inhibition, incidents, verdict and reports.

Data flows one way: ``options`` -> ``checks`` (what each item is) -> ``judgement`` (what came of it) -> ``run`` (all
results) -> ``incidents`` and ``verdict`` -> ``reports``. What travels between xdist's processes is plain data.
"""
