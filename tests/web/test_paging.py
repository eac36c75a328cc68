"""Long lists are cut into pages that leave nothing out and show nothing twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.web.paging import PAGE, paged, paged_groups

SIZES = st.lists(st.integers(0, 2 * PAGE + 1), max_size=5)


@pytest.mark.parametrize(
    ("found", "asked", "shown", "page", "pages"),
    [
        (0, 1, 0, 1, 1),
        (PAGE, 1, PAGE, 1, 1),
        (PAGE + 1, 1, PAGE, 1, 2),
        (PAGE + 1, 2, 1, 2, 2),
        (PAGE + 1, 9, 1, 2, 2),
    ],
)
def test_a_page_beyond_the_last_is_the_last(
    found: int, asked: int, shown: int, page: int, pages: int
) -> None:
    cut = paged(range(found), asked)
    assert (len(cut.rows), cut.page, cut.pages, cut.found) == (shown, page, pages, found)


@given(SIZES)
def test_the_pages_of_groups_put_together_are_the_groups(sizes: list[int]) -> None:
    groups = {name: [(name, row) for row in range(size)] for name, size in enumerate(sizes)}
    whole = [row for rows in groups.values() for row in rows]
    pages = paged_groups(groups, 1).pages
    cut = [paged_groups(groups, number) for number in range(1, pages + 1)]
    assert [row for page in cut for _, rows in page.rows for row in rows] == whole
    assert all(sum(len(rows) for _, rows in page.rows) <= PAGE for page in cut)
