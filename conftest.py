"""The rooms that make up a run. What a check is handed is in ``fixtures``, what happens around it in ``plugins``."""

pytest_plugins = [
    "fixtures.selection",
    "fixtures.sharing",
    "fixtures.guarding",
    "fixtures.endpoint",
    "fixtures.observing",
    "fixtures.recording",
    "fixtures.granting",
    "fixtures.provision",
    "plugins.reports.place",
    "plugins.options",
    "plugins.checks",
    "plugins.judgement",
    "plugins.distribution",
    "plugins.run",
    "plugins.memory",
    "plugins.reports.junit",
    "plugins.reports.html",
    "plugins.reports.terminal",
    "plugins.reports.progress",
    "plugins.reports.files",
]

collect_ignore = ["tests", "bench"]
