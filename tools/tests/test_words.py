# SPDX-License-Identifier: Apache-2.0
"""What the console says in codes is in api/words.yaml, so that every language has a text for it."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = ROOT / "console/domain/src"
WORDS = yaml.safe_load((ROOT / "api/words.yaml").read_text())


def test_every_reason_of_a_badge_is_there():
    source = (DOMAIN / "jobs/badge.cc").read_text()
    said = set(re.findall(r'Say(?:Operation)?\(\s*Badge::k\w+,\s*"([A-Z_]+)"', source))
    assert said, "badge.cc says its reasons in another way now: mend this test"
    assert said == set(WORDS["badgeReasons"]) - {"REQUESTED"}


def test_every_step_of_a_job_is_there():
    said = set()
    for file in (DOMAIN / "jobs").glob("*.cc"):
        source = file.read_text()
        said |= set(re.findall(r'string_view name\(\) const override \{ return "([A-Z_]+)"; \}', source))
        said |= set(re.findall(r'static const \w+Step \w+\("([A-Z_]+)"\);', source))
    checks = (DOMAIN / "jobs/upgrade_checks.cc").read_text()
    said |= set(re.findall(r'\{"([A-Z_]+)", \w+\}', checks))
    assert said == set(WORDS["steps"]["job"])


def test_every_step_of_clusters_and_installations_is_there():
    operations = (DOMAIN / "clusters/cluster_operations.cc").read_text()
    assert set(re.findall(r'\{"([A-Z_]+)",', operations)) == set(WORDS["steps"]["cluster"])
    service = (DOMAIN / "clusters/installation_service.cc").read_text()
    names = re.search(r"string_view name : \{([^}]*)\}", service)
    assert names and set(re.findall(r'"([A-Z_]+)"', names[1])) == set(WORDS["steps"]["installation"])


def test_every_rule_of_decisions_and_attentions_is_there():
    judge = (DOMAIN / "automation/judge.cc").read_text()
    said = set(re.findall(r'Say\(facts, DecisionKind::k\w+,\s*"([a-z-]+)"', judge))
    older = (DOMAIN / "automation/older_attempts.cc").read_text()
    said |= set(re.findall(r'\.rule = "([a-z-]+)"', older))
    assert said == {one.split("_")[1] for one in WORDS["decisions"]}
    rules = re.search(r"MakeWords<AttentionRule>\(([^)]*)\)", (DOMAIN / "automation/decision.cc").read_text())
    assert rules and re.findall(r'"([A-Z_]+)"', rules[1]) == WORDS["attentionRules"]
