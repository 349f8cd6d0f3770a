"""Every page of the product, in one list: each is searched for barriers, measured at six widths and looked at in both themes.

A new page joins here; in its address stand fields of tests.browser.world.World.
"""

from __future__ import annotations

PAGES: tuple[str, ...] = (
    "/",
    "/datasets/",
    "/datasets/new/",
    "/datasets/new/address/",
    "/datasets/new/bucket/",
    "/datasets/new/server/",
    "/datasets/{dataset}/",
    "/datasets/{dataset}/classes/",
    "/datasets/{dataset}/draft/waiting/",
    "/datasets/{dataset}/label/",
    "/datasets/{dataset}/label/{round}/",
    "/datasets/{dataset}/label/{review}/",
    "/datasets/{dataset}/label/{review}/agreement/",
    "/datasets/{dataset}/versions/",
    "/datasets/{dataset}/versions/1/difference/",
    "/datasets/{dataset}/versions/1/card/",
    "/datasets/{dataset}/erase/0/",
    "/datasets/{dataset}/leaderboard/",
    "/datasets/{dataset}/problems/",
    "/datasets/{dataset}/quality/",
    "/datasets/{failed}/",
    "/datasets/{failed}/problems/",
    "/experiments/",
    "/experiments/?q=nothing+has+this+name",
    "/experiments/new/",
    "/experiments/{experiment}/",
    "/experiments/compare/",
    "/experiments/compare/?of={experiment}&of={broken}",
    "/experiments/{broken}/",
    "/experiments/{experiment}/layers/",
    "/experiments/{broken}/layers/",
    "/queue/",
    "/classify/",
    "/models/",
    "/reports/",
    "/reports/{report}/",
    "/reports/{report}/card/",
    "/evaluations/{evaluation}/",
    "/evaluations/of/{experiment}/new/",
    "/evaluations/{evaluation}/matrix/",
    "/evaluations/{evaluation}/images/",
    "/evaluations/{evaluation}/images/0/",
    "/evaluations/{evaluation}/groups/",
    "/experiments/{experiment}/growing/",
    "/evaluations/{evaluation}/images/0/explain/",
    "/evaluations/{evaluation}/map/",
    "/account/",
    "/team/",
    "/team/connections/",
    "/team/audit/",
    "/trash/",
    "/search/",
    "/search/?q=colo",
    "/search/?q=nothing+has+this+name",
    "/invite/{invitation}/",  # to a team one is in already
    "/api/v1/docs",
    "/nothing/here/",
)
SIGNED_OUT: tuple[str, ...] = (
    "/login/",
    "/password/lost/",
    "/password/reset/{reset}/",
    "/password/reset/nothing/",
    "/invite/{invitation}/",
    "/invite/nothing/",
    "/setup/nothing/",
    "/shared/{shared}/",
    "/shared/{ended}/",
    "/api/v1/docs",
)
# As the owner of a team that has nothing yet; the invitation is to another team.
EMPTY: tuple[str, ...] = (
    "/",
    "/datasets/",
    "/datasets/new/bucket/",
    "/experiments/",
    "/experiments/new/",
    "/queue/",
    "/classify/",
    "/reports/",
    "/team/connections/",
    "/trash/",
    "/search/",
    "/invite/{invitation}/",
)
# As a viewer, who may not.
REFUSED: tuple[str, ...] = ("/team/", "/team/connections/", "/experiments/new/", "/trash/")
# In a state that an address alone does not bring about: fixtures in conftest.py that give the page.
STATES: tuple[str, ...] = ("running", "unfinished", "previewed", "classified", "kept_file", "guide", "first_page")
