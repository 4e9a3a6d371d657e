"""A healthy answer for every operation that the checks use: one function each, from parameters and catalogue."""

from canned.answers import access, alerting, api, compute, data, logs
from canned.answers.registry import ANSWERS

__all__ = ["ANSWERS", "access", "alerting", "api", "compute", "data", "logs"]
