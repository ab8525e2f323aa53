"""Duties of a plan as rules, applied to a history of events: obligations and violations, with the reasons."""
from dutyrules.loading import load_history, load_plan, load_roster, load_waivers
from dutyrules.engine import evaluate
