"""A path pattern by itself."""

from cors_proxy.partition.path_pattern import PathPattern


def test_by_its_spelling_and_somehow() -> None:
    admin = PathPattern("/admin/**")
    assert admin.matches(b"/admin") and admin.matches(b"/admin/x") and not admin.matches(b"/Admin/x")
    assert (
        admin.matches_somehow(b"/Admin/x")
        and admin.matches_somehow(b"/admin;v/x")
        and not admin.matches_somehow(b"/adm")
    )
    assert not admin.matches_somehow(b"/admin/../x")
