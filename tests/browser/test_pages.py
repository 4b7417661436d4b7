"""The student's page and the class page in a real browser: quiet, alone, sortable, harmless, readable everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
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
    seen.page.evaluate("""() => {
      document.querySelector("#students th.count button").click();
      const search = document.getElementById("search");
      search.value = "okafor 123";
      search.dispatchEvent(new Event("input"));
    }""")
    assert names(seen) == ["Chidi Okafor 123"]
    assert not seen.errors


@pytest.mark.parametrize("name", EVERY)
def test_a_phone_needs_no_sideways_scrolling(visit: Open, name: str) -> None:
    seen = visit(name, 360)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 360
    wide = seen.page.evaluate("""() => [...document.querySelectorAll("main *")]
      .filter(e => !e.closest(".scroll") && e.getBoundingClientRect().right > 361
        && !e.closest(".unseen")).map(e => e.outerHTML.slice(0, 80))""")
    assert wide == []


def test_on_a_phone_figures_and_curves_are_seen_whole(visit: Open) -> None:
    page = visit(CHIDI, 360).page
    table = page.get_by_role("table", name="What you report")
    assert table.get_by_role("row").count() == 1 + 3  # its head, and one a figure
    assert table.get_by_role("rowheader").count() == 3
    boxes = [one.bounding_box() for one in table.locator("tbody td").all()]
    assert boxes
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 360 for box in boxes if box)
    before = table.locator("td.got").first.evaluate("e => getComputedStyle(e, '::before').content")
    assert "You" in before
    curves = page.locator("svg.curves")
    box = curves.bounding_box()
    assert box["x"] + box["width"] <= 360
    letters = [one.bounding_box() for one in curves.locator("text").all()]
    assert min(letter["height"] for letter in letters) >= 9
    assert all(box["x"] - 1 <= letter["x"] <= box["x"] + box["width"] - letter["width"] + 1 for letter in letters)
    for at, one in enumerate(letters):  # no two words lie on each other
        for other in letters[at + 1 :]:
            apart_x = one["x"] + one["width"] <= other["x"] + 1 or other["x"] + other["width"] <= one["x"] + 1
            apart_y = one["y"] + one["height"] <= other["y"] + 3 or other["y"] + other["height"] <= one["y"] + 3
            assert apart_x or apart_y
    # with room enough the same figures stand in columns
    wide = visit(CHIDI, 1000).page.get_by_role("table", name="What you report")
    first = [one.bounding_box() for one in wide.locator("tbody tr").first.locator("td").all()]
    assert len({round(cell["y"]) for cell in first}) == 1


def test_on_a_phone_what_waits_has_the_width_of_the_page(visit: Open) -> None:
    page = visit(CLASS, 360).page
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    cells = page.locator("table.stacked tbody td:not(.count)")
    assert cells.count() > 2
    assert all(cell.bounding_box()["width"] > 250 for cell in cells.all())
    assert page.get_by_role("table").nth(2).get_by_role("columnheader").count() == 3


@pytest.mark.parametrize("name", [CLASS, CHIDI])
def test_without_scripts_everything_can_be_read(visit: Open, name: str) -> None:
    with_script, without = visit(name), visit(name, java_script_enabled=False)
    rows = with_script.page.locator("table tbody tr").count()
    assert without.page.locator("table tbody tr").count() == rows > 0
    if name == CLASS:
        assert with_script.page.get_by_label("Search").is_visible()
        assert not without.page.get_by_label("Search").is_visible()
        assert without.page.get_by_role("button").count() == 0  # nothing to press that would do nothing
        assert without.page.get_by_role("link", name="Chidi Okafor").first.is_visible()


def test_headings_are_in_order_and_tables_have_heads(visit: Open) -> None:
    for name in EVERY:
        page = visit(name).page
        assert page.locator("html").get_attribute("lang") == "en"
        levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map(h => Number(h.tagName[1]))")
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        bare = "[...document.querySelectorAll('th')].filter(th => !th.scope).length"
        assert page.evaluate(bare) == 0
        unnamed = "[...document.querySelectorAll('table:not(:has(th)):not([aria-label])')].length"
        assert page.evaluate(unnamed) == 0
    small = visit(CLASS).page.evaluate(
        "[...document.querySelectorAll('button, input')].filter(e => e.getBoundingClientRect().height < 24).length"
    )
    assert small == 0


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
