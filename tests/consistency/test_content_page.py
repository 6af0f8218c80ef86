"""`docs/content.md` tells designers of commands, files, keys, conditions and buttons that there are."""

import re
from pathlib import Path

import pytest
import yaml

from chat_server.content import avoid, language, steps
from chat_server.content.content import Content, read
from chat_server.content.structure import RENDERER_SLOTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "content.md").read_text(encoding="utf-8")
MADE_BY_RUNNING = {"var/reports/"}


@pytest.fixture(scope="module")
def content() -> Content:
    return read(ROOT)


def quoted() -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", PAGE))


def test_it_is_linked_from_the_readme():
    assert "docs/content.md" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_commands_are_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake ([a-z-]+)", " ".join(re.findall(r"`[^`]*`|```\n[^`]*```", PAGE))))
    assert named and all(re.search(rf"^{command}:", makefile, re.M) for command in named), named


def test_its_files_and_folders_are_there():
    named = {name for name in quoted() if "/" in name and not name.startswith("/")}
    assert len(named) > 8
    assert not [name for name in named - MADE_BY_RUNNING if not (ROOT / name).exists()]


def test_its_keys_topics_and_rules_are_there(content: Content):
    keys = set(re.findall(r"\butter_[a-z]\w*(?:\.\w+)?", PAGE))
    assert keys and keys <= set(content.keys)
    assert set(re.findall(r"intent: ([\w.]+)", PAGE)) <= set(content.topics)
    payloads = set(re.findall(r"(?:payload: |yes_means: |`)(/[a-z_.]+)", PAGE)) - {"/", "/readyz"}
    assert payloads and {payload.lstrip("/") for payload in payloads} <= set(content.topics)
    assert set(re.findall(r"`(!\w+)`", PAGE)) == set(steps.COMMANDS)


def test_its_conditions_can_be_met(content: Content):
    table = PAGE.split("| Condition |")[1].split("\n\n")[0]
    for row in table.splitlines()[2:]:
        name, values, _ = [cell.strip() for cell in row.strip("|").split("|")]
        name = name.strip("`")
        known = RENDERER_SLOTS.get(name) or content.slots[name]
        for value in re.findall(r"`([^`]+)`", values):
            assert known is None or yaml.safe_load(value) in known, (name, value)


def test_its_examples_of_words_are_sound():
    for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.S):
        yaml.safe_load(block)
        assert not list(avoid.find(" ".join(re.findall(r"text: (.*)", block))))


def test_its_limits_are_those_of_the_check():
    assert f"At most {language.WORDS_IN_A_MESSAGE} words" in PAGE
    assert f"at most {language.WORDS_IN_A_SENTENCE['en']} words" in PAGE
    assert language.FACTS_AGE_MONTHS == 36 and "three years" in PAGE
    assert steps.BUTTONS_UNDER_A_MESSAGE == 3 and language.PARAGRAPHS_IN_A_MESSAGE == 3


def test_what_it_says_the_check_answers_is_what_it_answers(tmp_path: Path):
    from chat_server.content import checks

    bad = re.search(r"^> (.+)$", PAGE, re.M)
    assert bad
    path = tmp_path / "domain" / "wording" / "effect.yml"
    path.parent.mkdir(parents=True)
    path.write_text("\n" * 38 + f'responses:\n  utter_effect.benefits: [{{text: "{bad[1]}"}}]\n', encoding="utf-8")
    said = [f"{finding}" for finding in checks.check(read(tmp_path)) if finding.path.endswith("effect.yml")]
    shown = re.findall(r"^domain/wording/effect\.yml:40: .*$", PAGE, re.M)
    assert shown and set(shown) <= set(said), said
    assert len([line for line in said if ": error:" in line and "“" in line]) == 3
