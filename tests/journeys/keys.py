# SPDX-License-Identifier: Apache-2.0
"""Somebody who has only a keyboard, and knows the page by the names that a screen reader says."""

from pathlib import Path

from playwright.sync_api import FileChooser, Locator, Page, TimeoutError, expect

from tongban.demo.check import PICTURE

FURTHEST = 150  # presses of Tab
MOST_OPTIONS = 20  # presses of an arrow
PRESSES, LOST_AFTER = 4, 10_000  # milliseconds


def go(page: Page, target: Locator) -> None:
    """Tab until it has the focus."""
    page.wait_for_load_state("load")  # what focuses itself has done so by then
    for _ in range(FURTHEST):
        if target.evaluate("here => here === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {target}")


def write(page: Page, label: str, text: str) -> None:
    """Tab to a field and type over what stands there."""
    write_in(page, page.get_by_label(label).first, text)


def write_in(page: Page, field: Locator, text: str) -> None:
    """The same for a field that is found already."""
    go(page, field)
    if field.get_attribute("type") == "date":
        year, _, rest = text.partition("-")
        page.keyboard.type(f"{rest.replace('-', '')}{year}")  # the browser's own words are English here
        return
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def press(page: Page, name: str) -> None:
    """Tab to a button or link and press Enter; it leads to the next page."""
    press_on(page, page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).first)


def press_on(page: Page, target: Locator) -> None:
    """The same for one that is found already."""
    go(page, target)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def touch(page: Page, target: Locator) -> None:
    """The same for what stays on the page."""
    go(page, target)
    page.keyboard.press("Enter")


def pick(page: Page, radio: Locator) -> None:
    """Tab into the group, and go by arrows to the one that is meant."""
    group = page.locator(f"input[type=radio][name='{radio.get_attribute('name')}']")
    chosen = group.and_(page.locator(":checked"))
    go(page, chosen if chosen.count() else group.first)
    page.keyboard.press("Space")
    for _ in range(MOST_OPTIONS):
        if radio.is_checked():
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"the arrows do not reach {radio}")


def title(page: Page, words: str) -> None:
    """What the page is called."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(words)


def open_move(desk: Page, label: str) -> Locator:
    """The form of a move, under its heading."""
    heading = desk.locator("details.group").filter(has=desk.locator("summary").filter(has_text=label))
    if heading.count() and heading.first.get_attribute("open") is None:
        touch(desk, heading.first.locator("summary").first)
    details = desk.locator("details[name=move]").filter(has=desk.locator("summary").filter(has_text=label)).first
    if details.get_attribute("open") is None:
        touch(desk, details.locator("summary").first)
    return details


def attach(page: Page, label: str, picture: Path) -> None:
    """Tab to the place for a file and open it by a key."""
    picture.write_bytes(PICTURE)
    chooser(page, page.get_by_label(label).first).set_files(picture)


def chooser(page: Page, place: Locator) -> FileChooser:
    """What a key opens. A busy machine may lose one press between two processes of the browser: people press again."""
    for _ in range(PRESSES):
        go(page, place)
        try:
            with page.expect_file_chooser(timeout=LOST_AFTER) as asked:
                page.keyboard.press("Enter")
        except TimeoutError:
            continue
        return asked.value
    raise AssertionError(f"no key opens {place}")
