"""Tests of plans: found in files, run, told, measured, brought up to date."""

from __future__ import annotations

from dutyrules.casetests.coverage import DutyCoverage, PlanCoverage, coverage
from dutyrules.casetests.files import find_files, load_source, load_sources, says_dutyrules
from dutyrules.casetests.running import CaseResult, Failure, FileResult, run_file, run_test, untested
from dutyrules.casetests.telling import coverage_text, failure_lines, result_text, results_document, results_text
from dutyrules.casetests.updating import updated

__all__ = [
    "CaseResult", "DutyCoverage", "Failure", "FileResult", "PlanCoverage", "coverage", "coverage_text", "failure_lines",
    "find_files", "load_source", "load_sources", "result_text", "results_document", "results_text", "run_file",
    "run_test", "says_dutyrules", "untested", "updated",
]  # fmt: skip
