"""What source code and docs point at is there: sections, pages, files."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
SOURCE = [ROOT / one for one in TRACKED if one.endswith(".py") and (ROOT / one).is_file()]
PAGES = [ROOT / one for one in TRACKED if one.endswith(".md") and one != "CHANGELOG.md"]
NUMBER = r"§(\d+(?:\.\d+)?)(?:–§?(\d+))?"


def headings(page: Path) -> list[str]:
    return re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)


def cited(text: str) -> set[str]:
    """Every section that a text cites as ``spec §1, §11.6`` or ``spec §3–§8``."""
    found: set[str] = set()
    for words in re.findall(rf"spec ({NUMBER}(?:, {NUMBER})*)", text):
        for first, last in re.findall(NUMBER, words[0]):
            found |= {str(one) for one in range(int(first), int(last) + 1)} if last else {first}
    return found


def test_citations_are_read_as_they_are_written() -> None:
    assert cited("as in (spec §1, §11) and spec §16.2.") == {"1", "11", "16.2"}
    assert cited("Source: spec §3–§5.") == {"3", "4", "5"}


def test_the_reference_is_cited_in_one_way_only() -> None:
    other = re.compile(r"\bspec:? (sections? )?\d|\bspec: section", re.IGNORECASE)
    wrong = [path.name for path in SOURCE if path != Path(__file__) and other.search(path.read_text(encoding="utf-8"))]
    assert not wrong, "write spec §NUMBER, which the tests below follow to its page"


def test_every_cited_section_of_the_reference_is_on_its_page() -> None:
    wanted = set().union(*(cited(path.read_text(encoding="utf-8")) for path in SOURCE if path != Path(__file__)))
    there = {title.split()[0][1:] for title in headings(ROOT / "docs" / "reference-behaviour.md") if title[0] == "§"}
    assert wanted
    assert wanted <= there


def test_every_other_section_is_named_with_a_page_that_has_it() -> None:
    for path in SOURCE:
        text = path.read_text(encoding="utf-8")
        for page, title in re.findall(r'``(docs/[\w-]+\.md)`` §"([^"]+)"', text):
            assert title in headings(ROOT / page), f"{path.name}: {page} has no section {title!r}"
        if path != Path(__file__):
            assert "architecture §" not in text, f"{path.name}: name the page, docs/design.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        other = (page.parent / name).resolve() if name else page
        assert other.exists(), f"{target} leads nowhere"
        if anchor:
            slugs = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in headings(other)}
            assert anchor in slugs, f"{target}: no such section"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_exist(page: Path) -> None:
    for name in re.findall(
        r"`((?:api|engine|graphs|nodes|ui|tests|benchmarks)/[\w/]*(?:\.\w+)?)[` ]", page.read_text("utf-8")
    ):
        assert (ROOT / name).exists() or (ROOT / f"{name}.py").exists(), f"there is no {name}"
