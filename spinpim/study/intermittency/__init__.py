"""Machines under the same harvested power: who gets how far, and which policy pays when."""

from spinpim.study.intermittency.break_even import BreakEven, break_even
from spinpim.study.intermittency.policy_map import PolicyMap, policy_map
from spinpim.study.intermittency.retention import RetentionCurve, retention_curve
from spinpim.study.intermittency.start import survey_of
from spinpim.study.intermittency.survey import Outcome, Survey, survey
from spinpim.study.intermittency.trace_names import trace_of

__all__ = [
    "BreakEven",
    "Outcome",
    "PolicyMap",
    "RetentionCurve",
    "Survey",
    "break_even",
    "policy_map",
    "retention_curve",
    "survey",
    "survey_of",
    "trace_of",
]
