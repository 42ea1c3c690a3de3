"""Terms are linked where they first stand, and explained once."""

from __future__ import annotations

from bs4 import BeautifulSoup
from markupsafe import Markup

from s75lib.report.exporter import S75Exporter
from s75lib.report.glossary import TERMS, explained, linked, linked_in, spelt_out, used


def test_a_term_is_linked_once_as_a_whole_word_and_the_text_stays():
    seen: set[str] = set()
    first, second = linked("A lever & levers: net of <b>.", seen), linked("The net levers.", seen)
    assert BeautifulSoup(first, "html.parser").get_text() == "A lever & levers: net of <b>."
    assert str(first).count("<a ") == 2
    assert str(second) == "The net levers."
    assert [term for _, term, _ in used(seen)] == ["levers", "net"]
    assert all(meaning.endswith(".") for meaning in TERMS.values())


def test_titles_first_cells_and_notes_of_a_part_are_linked_and_nothing_else():
    seen: set[str] = set()
    part = (
        '<strong class="s75-figure-title">Client Conts &amp; Dom Care</strong><img alt="gross">'
        '<th scope="col">gross</th><th scope="row">Client Conts</th><td>gross</td>'
        '<p class="s75-note">net</p>'
    )
    found = linked_in(Markup(part), seen, set())
    soup = BeautifulSoup(found, "html.parser")
    assert [link.get_text() for link in soup.select("a.s75-term")] == ["Client Conts", "Dom Care", "net"]
    assert soup.get_text() == BeautifulSoup(part, "html.parser").get_text()
    assert sorted(seen) == ["Client Conts", "Dom Care", "net"]


def test_an_abbreviation_is_spelt_out_once_where_it_first_stands_and_not_in_a_cell():
    told: set[str] = set()
    part = '<th scope="row">WTE</th><p class="s75-note">4 WTE, 5 WTE (of AMHPs in AMH)</p>'
    assert BeautifulSoup(linked_in(Markup(part), set(), told), "html.parser").get_text() == (
        "WTE4 WTE (whole-time equivalents), 5 WTE "
        "(of approved mental health professionals, AMHPs in adult mental health, AMH)"
    )
    assert spelt_out("4 WTE, CAMHS, MHA-1; care programme approach (CPA)", told) == (
        "4 WTE, CAMHS, MHA-1; care programme approach (CPA)"
    )
    assert told == {"WTE", "AMHPs", "AMH", "CPA"}


def test_a_figure_says_once_what_the_abbreviations_of_its_labels_mean():
    told = {"CPA"}
    part = {"records": [{"name": "Crisis plans, OPMH", "value": 1}, {"name": "Employed (CPA)", "value": 2}]}
    html = '<figcaption>Title</figcaption><img data-points="0;0;AMH North">'
    said = "AMH: adult mental health; OPMH: older people's mental health"
    assert said in explained(part, html, told)
    assert explained(part, html, told) == html


def test_every_link_to_a_term_leads_to_its_meaning(page, kit):
    items = [{**kit.HEADLINES["items"][0], "text": "4 WTE of AMHPs, and 5 WTE."}]
    page.cells[4].outputs = [kit.shown({**kit.HEADLINES, "items": items})]
    html, _ = S75Exporter().from_notebook_node(page, {"metadata": {"name": "kpi"}})
    soup = BeautifulSoup(html, "html.parser")
    assert [soup.find(id=link["href"][1:]).name for link in soup.select("a.s75-term")] == ["dt"]
    assert not soup.main.select("summary a")
