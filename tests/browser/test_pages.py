"""The student's page and the class page in a real browser: quiet, alone, sortable, harmless, readable everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.export.class_page import write_class_page
from grader.export.files import feedback_name
from grader.gradebook import Gradebook
from grader.model import Student

from ..export.rich import rich_gradebook

Open = Callable[..., Any]

CLASS = "index.html"
CHIDI = "feedback/chidi.html"
BEA = "feedback/bea.html"
MALLORY = f"feedback/{feedback_name('<script>alert(1)<')}"
EVERY = (CLASS, CHIDI, BEA, MALLORY, "feedback/amal.html", "feedback/farid.html", "feedback/gina.html")

# every element with words of its own, its colour, and the first ground below it that is not transparent
CONTRASTS = """() => {
  const parse = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [.2126, .7152, .0722][at], 0);
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    if (element.closest("svg, script, style, .unseen") || !element.getClientRects().length) continue;
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!own) continue;
    let ground = element;
    while (ground && (parse(getComputedStyle(ground).backgroundColor)[3] ?? 1) === 0) ground = ground.parentElement;
    const a = light(parse(getComputedStyle(element).color));
    const b = light(parse(getComputedStyle(ground || document.documentElement).backgroundColor));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    found.push([ratio, element.className + ": " + element.textContent.trim().slice(0, 40)]);
  }
  return found;
}"""

# of each svg text: its fill against the grounds that the drawing or the card can put below it
DRAWN = """() => {
  const fill = element => getComputedStyle(element).fill;
  return [...document.querySelectorAll("svg.picture text")].map(text => {
    const before = text.previousElementSibling;
    const box = before && before.tagName === "rect" && getComputedStyle(before).fill !== "none" ? before : null;
    const card = getComputedStyle(text.closest(".card")).backgroundColor;
    return [fill(text), box ? fill(box) : card, text.textContent];
  });
}"""


@pytest.mark.parametrize("name", EVERY)
def test_a_page_opens_quietly_and_asks_nobody_for_anything(visit: Open, name: str) -> None:
    seen = visit(name)
    assert seen.errors == []
    assert [url for url in seen.requests if not url.startswith("data:")] == [seen.page.url]
    assert seen.dialogs == []
    assert seen.page.title()


def test_the_watch_for_requests_and_errors_sees_them(visit: Open, pages: Path) -> None:
    bad = pages / "bad.html"
    bad.write_text('<title>x</title><img src="missing.png"><script>alert(1); nowhere()</script>')
    seen = visit("bad.html")
    assert any(url.endswith("missing.png") for url in seen.requests)
    assert seen.dialogs == ["1"]
    assert any("nowhere" in error for error in seen.errors)


@pytest.mark.parametrize("name", [CLASS, CHIDI, MALLORY])
def test_hostile_names_and_answers_stay_text(visit: Open, name: str) -> None:
    seen = visit(name)
    own_scripts = 1 if name == CLASS else 0
    assert seen.page.locator("script").count() == own_scripts
    assert seen.page.locator('img[src="x"], [onerror], [onload]').count() == 0
    page_text = seen.page.evaluate("document.body.textContent")
    assert {CLASS: "<script>alert('name')</script>", CHIDI: "<script>alert(5)</script>"}.get(
        name, "<img src=x onerror=alert(2)>"
    ) in page_text
    assert seen.dialogs == []


def names(seen: Any) -> list[str]:
    rows = seen.page.locator("#students tbody tr:visible th")
    return [text.strip() for text in rows.all_inner_texts()]


def test_search_shows_who_fits_and_says_how_many(visit: Open) -> None:
    seen = visit(CLASS)
    assert len(names(seen)) == 12
    seen.page.get_by_label("Search").fill("  CHIDI ")
    assert names(seen) == ["Chidi Okafor"]
    assert "1 of 12 shown" in seen.text()
    seen.page.get_by_label("Search").fill("соколов")
    assert names(seen) == ["Дмитрий Соколов"]
    seen.page.get_by_label("Search").fill("unreadable")  # a status is found as well
    assert names(seen) == ["Farid Rahimi"]
    seen.page.get_by_label("Search").fill("nobody at all")
    assert names(seen) == []
    assert "Nobody fits this search." in seen.text()
    seen.page.get_by_label("Search").fill("")
    assert len(names(seen)) == 12


def test_columns_sort_by_number_and_by_name_both_ways(visit: Open) -> None:
    seen = visit(CLASS)
    total = seen.page.locator("#students").get_by_role("button", name="Total")
    total.click()
    points = [float(t) for t in seen.page.locator("#students tbody td:has(b)").all_inner_texts()]
    assert points == sorted(points)
    assert points[0] < points[-1]
    assert seen.page.locator('#students th[aria-sort="ascending"]').inner_text().startswith("Total")
    total.click()
    again = [float(t) for t in seen.page.locator("#students tbody td:has(b)").all_inner_texts()]
    assert again == points[::-1]
    seen.page.locator("#students").get_by_role("button", name="Student", exact=True).press("Enter")
    ids = [t.strip() for t in seen.page.locator("#students tbody tr td:nth-child(2)").all_inner_texts()]
    assert ids.index("7") < ids.index("007") or ids.index("007") < ids.index("7") < ids.index("amal")
    assert ids.index("amal") < ids.index("bea") < ids.index("gina") < ids.index("李伟")


def test_three_thousand_students_stay_searchable_and_sortable(visit: Open, tmp_path: Path) -> None:
    small = rich_gradebook()
    reports = [
        replace(report, student=Student(f"{report.student.id}-{n:03}", f"{report.student.name} {n:03}"))
        for n in range(250)
        for report in small.reports
    ]
    large: Gradebook = replace(small, reports=tuple(reports))
    write_class_page(large, tmp_path / CLASS)
    seen = visit(CLASS, folder=tmp_path)
    milliseconds = seen.page.evaluate("""() => {
      const begun = performance.now();
      document.querySelector("#students th.count button").click();
      const search = document.getElementById("search");
      search.value = "okafor 123";
      search.dispatchEvent(new Event("input"));
      document.body.getBoundingClientRect();
      return performance.now() - begun;
    }""")
    assert names(seen) == ["Chidi Okafor 123"]
    assert milliseconds < 5000  # about 200 on one busy core
    assert not seen.errors


@pytest.mark.parametrize("name", EVERY)
def test_a_phone_needs_no_sideways_scrolling(visit: Open, name: str) -> None:
    seen = visit(name, 360)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 360
    wide = seen.page.evaluate("""() => [...document.querySelectorAll("main *")]
      .filter(e => !e.closest(".scroll") && e.getBoundingClientRect().right > 361
        && !e.closest(".unseen")).map(e => e.outerHTML.slice(0, 80))""")
    assert wide == []


@pytest.mark.parametrize("name", [CLASS, CHIDI])
def test_the_keyboard_reaches_everything_in_the_order_of_the_page(visit: Open, name: str) -> None:
    seen = visit(name)
    reached = []
    for _ in range(60):
        seen.page.keyboard.press("Tab")
        at = seen.page.evaluate("""() => {
          const all = [...document.querySelectorAll("*")];
          const now = document.activeElement;
          return now === document.body ? null : [all.indexOf(now), now.tagName, getComputedStyle(now).outlineStyle];
        }""")
        if at is None or (reached and at[0] <= reached[-1][0]):
            break
        reached.append(at)
    assert [place for place, _, _ in reached] == sorted({place for place, _, _ in reached})
    assert {tag for _, tag, _ in reached} >= ({"A", "BUTTON", "INPUT"} if name == CLASS else {"A", "DIV", "SUMMARY"})
    assert all(outline != "none" for _, _, outline in reached)
    can = seen.page.evaluate("""() => [...document.querySelectorAll("a[href], button, input, summary, [tabindex='0']")]
      .filter(e => e.getClientRects().length && !e.closest("details:not([open]) > :not(summary)")).length""")
    assert len(reached) == min(60, can)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [CLASS, CHIDI, BEA, "feedback/farid.html"])
def test_words_stand_out_from_their_ground(visit: Open, name: str, scheme: str) -> None:
    seen = visit(name, color_scheme=scheme)
    seen.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = seen.page.evaluate(CONTRASTS)
    assert len(found) > 5
    assert [(round(ratio, 2), what) for ratio, what in found if ratio < 4.5] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_in_drawings_stand_out_too(visit: Open, scheme: str) -> None:
    found = visit(CHIDI, color_scheme=scheme).page.evaluate(DRAWN)
    assert len(found) > 40  # the network, the heat map and the curves
    ratios = [(contrast(one, other), words) for one, other, words in found]
    assert [(round(ratio, 2), words) for ratio, words in ratios if ratio < 4.5] == []


def test_contrast_is_what_the_standard_says() -> None:
    assert contrast("rgb(0, 0, 0)", "rgb(255, 255, 255)") == pytest.approx(21)
    assert contrast("rgb(119, 119, 119)", "rgb(255, 255, 255)") == pytest.approx(4.48, abs=0.01)


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2 between two colours written as ``rgb(…)``."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    channels = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_no_drawing_speaks_by_colour_alone(visit: Open) -> None:
    page = visit(CHIDI).page
    drawings = page.locator("svg.picture")
    assert drawings.count() >= 3
    for number in range(drawings.count()):
        drawing = drawings.nth(number)
        title, words = (drawing.locator(tag).text_content() for tag in ("title", "desc"))
        assert title
        assert words
        assert page.get_by_role("img", name=title).count() >= 1
    wrong = page.locator("svg.network text.wrong").all_text_contents()
    assert wrong
    assert all("✗" in text and "wrong" in text for text in wrong)
    assert page.locator("svg.network rect.frame.wrong").count() == len(wrong)
    dashes = [
        page.locator(f"svg.curves polyline.{line}").evaluate("e => getComputedStyle(e).strokeDasharray")
        for line in ("yours", "reference")
    ]
    assert dashes[0] == "none" != dashes[1]
    signs = set(page.locator("svg.heat text.sign").all_text_contents())
    assert signs <= {"+", "−", "!"}
    assert signs


def test_on_paper_all_columns_stand_and_nothing_to_click(visit: Open) -> None:
    narrow = visit(CLASS, 500)
    assert not narrow.page.locator("#students th:has-text('Q1')").is_visible()
    narrow.page.emulate_media(media="print")
    assert narrow.page.locator("#students th:has-text('Q1')").is_visible()
    assert not narrow.page.get_by_label("Search").is_visible()
    dark = visit(CHIDI, color_scheme="dark")
    dark.page.emulate_media(media="print")
    assert dark.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert len(dark.page.pdf(format="A4")) > 10_000
