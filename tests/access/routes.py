"""Every address with the right it asks for and the thing it is about; a test fails on one that is not here."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.access.rights import (
    ANYBODY,
    CLASSIFY,
    DATASET_DELETE,
    DATASET_EDIT,
    DATASET_READ,
    EXPERIMENT_CREATE,
    EXPERIMENT_READ,
    JOB_EDIT,
    JOB_READ,
    LINK,
    MODEL_DOWNLOAD,
    OWN,
    PURGE,
    REPORT_COMMENT,
    REPORT_EDIT,
    REPORT_READ,
    TEAM,
    TRASH,
    Right,
)

UNTRASHED = ("another team's", "deleted", "random")  # what has no trash
FOREIGN = ("another team's", "random")


class Route(NamedTuple):
    """`about` names the thing in the address (the place called `id` unless `place` says otherwise), `rest` its other places."""

    right: Right
    about: str = ""
    place: str = "id"
    rest: dict[str, Any] = {}
    also: dict[str, str] = {}  # further places that name a thing of the same side
    method: str = "get"
    body: dict[str, Any] = {}
    headers: dict[str, str] = {}
    named: str = ""  # the field of `body` that names the thing, where the address does not
    file: str = ""  # the field of a form that carries a file
    own: bool = False  # a thing of the person, not of the team: another member's is refused
    gone: tuple[str, ...] = ("another team's", "trashed", "deleted", "random")  # the sides whose thing must not be found
    opens: int = 200  # what who may gets from a page that only reads


def post(right: Right, about: str = "", **more: Any) -> Route:
    """An address that changes something."""
    return Route(right, about, method="post", **more)


def shared(**more: Any) -> Route:
    """An address of a share link, about whatever report its code opens."""
    return Route(LINK, "code", place="code", **more)


SEARCHED = {"name": "Any", "model": "small_cnn", "epochs": "1", "batch_size": "8", "optimizer": "adamw", "label_smoothing": "0"}
SEARCHED |= {"momentum": "0.9", "device": "cpu", "seed": "0"}
IMAGE = {"version": 1, "image": 0}
ROUND, REVIEW = {"round": "round"}, {"round": "review"}
TUS = {"Tus-Resumable": "1.0.0"}
NEW_PARTS = {**TUS, "Upload-Length": "10"}
PART = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
PAGES: dict[str, Route] = {
    "/": Route(JOB_READ),
    "/healthz": Route(ANYBODY),
    "/readyz": Route(ANYBODY, opens=503),  # no worker runs here
    "/metrics": Route(ANYBODY, opens=401),  # no login and no token of a person opens it: METRICS_TOKEN alone
    "/device/": Route(JOB_READ),
    "/search/": Route(JOB_READ),
    "/styleguide": Route(ANYBODY, opens=404),  # with DEBUG alone
    "/trash/": Route(TRASH),
    "/trash/move/": post(TRASH),
    "/trash/restore/": post(TRASH),
    "/trash/purge/": post(PURGE),
    "/trash/empty/": post(PURGE),
    "/robots.txt": Route(ANYBODY),
    "/shared/<str:code>/": shared(),
    "/shared/<str:code>/images/<int:place>": shared(rest={"place": 0}),
    "/shared/<str:code>/report.html": shared(),
    "/shared/<str:code>/model": shared(),
    "/login/": Route(ANYBODY, opens=302),  # who is signed in goes on
    "/logout/": post(ANYBODY),
    "/setup/<slug:code>/": Route(ANYBODY, rest={"code": "used-up"}, opens=404),
    "/account/": Route(OWN),
    "/account/password/": post(OWN),
    "/account/tokens/": post(OWN, body={"scope": "read"}),
    "/account/tokens/<slug:id>/revoke/": post(OWN, "token", own=True, gone=UNTRASHED),
    "/account/mail/": post(OWN),
    "/account/sessions/others/end/": post(OWN),
    "/account/sessions/<str:handle>/end/": post(OWN, "session", place="handle", own=True, gone=FOREIGN),
    "/account/teams/": post(OWN),
    "/account/teams/<str:id>/leave/": post(OWN, "team", gone=FOREIGN),
    "/invite/<slug:code>/": Route(ANYBODY, rest={"code": "made-up"}, opens=404),
    "/password/lost/": Route(ANYBODY),
    "/password/reset/<slug:code>/": Route(ANYBODY, rest={"code": "made-up"}, opens=404),
    "/team/": Route(TEAM),
    "/team/audit/": Route(TEAM),
    "/team/audit.csv": Route(TEAM),
    "/team/connections/": Route(TEAM),
    "/team/connections/new/": post(TEAM),
    "/team/connections/<str:id>/test/": post(TEAM, "connection", gone=UNTRASHED),
    "/team/connections/<str:id>/key/": post(TEAM, "connection", gone=UNTRASHED),
    "/team/connections/<str:id>/delete/": post(TEAM, "connection", gone=UNTRASHED),
    "/team/name/": post(TEAM),
    "/team/invitations/": post(TEAM),
    "/team/invitations/<str:id>/revoke/": post(TEAM, "invitation", gone=UNTRASHED),
    "/team/members/<str:name>/role/": post(TEAM, "member", place="name", body={"role": "viewer"}, gone=FOREIGN),
    "/team/members/<str:name>/remove/": post(TEAM, "member", place="name", gone=FOREIGN),
    "/team/members/<str:name>/reset-link/": post(TEAM, "member", place="name", gone=FOREIGN),
    "/team/switch/": post(OWN, "team", named="team", gone=FOREIGN),
    "/datasets/sample/": post(DATASET_EDIT),
    "/datasets/": Route(DATASET_READ),
    "/datasets/new/": Route(DATASET_EDIT),
    "/datasets/new/address/": Route(DATASET_EDIT),
    "/datasets/new/server/": Route(DATASET_EDIT),
    "/datasets/new/bucket/": Route(DATASET_EDIT),
    "/datasets/bring/bucket/": post(DATASET_EDIT, "connection", named="connection", gone=UNTRASHED),
    "/datasets/bring/address/": post(DATASET_EDIT),
    "/datasets/bring/folder/": post(DATASET_EDIT),
    "/datasets/upload/": post(DATASET_EDIT),
    "/datasets/uploads/": post(DATASET_EDIT, headers=NEW_PARTS),
    "/datasets/uploads/<str:id>/": Route(DATASET_EDIT, "upload", method="patch", headers=PART, gone=UNTRASHED),
    "/datasets/uploads/<str:id>/discard/": post(DATASET_EDIT, "upload", gone=UNTRASHED),
    "/datasets/<str:id>/": Route(DATASET_READ, "dataset"),
    "/datasets/<str:id>/classes/": Route(DATASET_READ, "dataset"),
    "/datasets/<str:id>/problems/": Route(DATASET_READ, "dataset"),
    "/datasets/<str:id>/quality/": Route(DATASET_READ, "dataset"),
    "/datasets/<str:id>/quality/status/": Route(DATASET_READ, "dataset", opens=204),
    "/datasets/<str:id>/quality/check/": post(DATASET_EDIT, "dataset"),
    "/datasets/<str:id>/quality/fix/": post(DATASET_EDIT, "dataset"),
    "/datasets/<str:id>/label/": Route(DATASET_READ, "dataset"),
    "/datasets/<str:id>/label/start/": post(DATASET_EDIT, "dataset"),
    "/datasets/<str:id>/label/suggest/": post(DATASET_EDIT, "dataset"),
    "/datasets/<str:id>/label/suggest/status/": Route(DATASET_READ, "dataset", opens=204),
    "/datasets/<str:id>/label/<str:round>/": Route(DATASET_EDIT, "dataset", also=ROUND),
    "/datasets/<str:id>/label/<str:round>/next/": post(DATASET_EDIT, "dataset", also=ROUND),
    "/datasets/<str:id>/label/<str:round>/answer/": post(DATASET_EDIT, "dataset", also=ROUND),
    "/datasets/<str:id>/label/<str:round>/undo/": post(DATASET_EDIT, "dataset", also=ROUND),
    "/datasets/<str:id>/label/<str:round>/leave/": post(DATASET_EDIT, "dataset", also=ROUND),
    "/datasets/<str:id>/label/<str:round>/change/": post(DATASET_EDIT, "dataset", also=ROUND),
    "/datasets/<str:id>/label/<str:round>/agreement/": Route(DATASET_READ, "dataset", also=REVIEW),
    "/datasets/<str:id>/label/<str:round>/settle/": post(DATASET_EDIT, "dataset", also=REVIEW),
    "/datasets/<str:id>/gallery/": Route(DATASET_READ, "dataset"),
    "/datasets/<str:id>/status/": Route(DATASET_READ, "dataset", opens=204),
    "/datasets/<str:id>/draft/change/": post(DATASET_EDIT, "dataset", body={"positions": "0", "removed": "1"}),
    "/datasets/<str:id>/draft/change-matching/": post(DATASET_EDIT, "dataset", body={"query": "label=0", "removed": "1"}),
    "/datasets/<str:id>/draft/add/": post(DATASET_EDIT, "dataset"),
    "/datasets/<str:id>/draft/addition/": post(DATASET_EDIT, "dataset", body={"addition": "1", "do": "out"}),
    "/datasets/<str:id>/draft/waiting/": Route(DATASET_READ, "dataset"),
    "/datasets/<str:id>/draft/waiting/status/": Route(DATASET_READ, "dataset", opens=204),
    "/datasets/<str:id>/draft/waiting/tiles/": Route(DATASET_READ, "dataset", opens=204),
    "/datasets/<str:id>/draft/waiting/<int:addition>/change/": post(
        DATASET_EDIT, "dataset", rest={"addition": 1}, body={"positions": "0" * 64, "removed": "1"}
    ),
    "/datasets/<str:id>/draft/waiting/<int:addition>/<str:digest>/thumb": Route(  # nothing waits there
        DATASET_READ, "dataset", rest={"addition": 1, "digest": "0" * 64}, opens=404
    ),
    "/datasets/<str:id>/draft/waiting/<int:addition>/<str:digest>/image": Route(
        DATASET_READ, "dataset", rest={"addition": 1, "digest": "0" * 64}, opens=404
    ),
    "/datasets/<str:id>/draft/undo/": post(DATASET_EDIT, "dataset"),
    "/datasets/<str:id>/draft/class/": post(DATASET_EDIT, "dataset", body={"class": "red", "do": "rename", "to": "pink"}),
    "/datasets/<str:id>/draft/split/": post(DATASET_EDIT, "dataset"),
    "/datasets/<str:id>/draft/seal/": post(DATASET_EDIT, "dataset"),
    "/datasets/<str:id>/draft/discard/": post(DATASET_EDIT, "dataset"),
    "/datasets/<str:id>/draft/sealing/": Route(DATASET_READ, "dataset", opens=204),
    "/datasets/<str:id>/versions/": Route(DATASET_READ, "dataset"),
    "/datasets/<str:id>/versions/<int:version>/difference/": Route(DATASET_READ, "dataset", rest={"version": 1}),
    "/datasets/<str:id>/versions/<int:version>/changes.jsonl": Route(DATASET_READ, "dataset", rest={"version": 1}, opens=404),
    "/datasets/<str:id>/erase/<int:position>/": Route(DATASET_DELETE, "dataset", rest={"position": 0}),
    "/datasets/<str:id>/erase/<int:position>/begin/": post(DATASET_DELETE, "dataset", rest={"position": 0}),
    "/datasets/<str:id>/describe/": post(DATASET_EDIT, "dataset"),
    "/datasets/<str:id>/versions/<int:version>/card/": Route(DATASET_READ, "dataset", rest={"version": 1}),
    "/datasets/<str:id>/versions/<int:version>/card.md": Route(DATASET_READ, "dataset", rest={"version": 1}),
    "/datasets/<str:id>/versions/<int:version>/card.html": Route(DATASET_READ, "dataset", rest={"version": 1}),
    "/datasets/<str:id>/versions/<int:version>/download/": Route(DATASET_READ, "dataset", rest={"version": 1}),
    "/datasets/<str:id>/versions/<int:version>/revert/": post(DATASET_EDIT, "dataset", rest={"version": 1}),
    "/datasets/<str:id>/history/<int:position>/": Route(DATASET_READ, "dataset", rest={"position": 0}),
    "/datasets/<str:id>/versions/<int:version>/images/<int:image>/thumb": Route(DATASET_READ, "dataset", rest=IMAGE),
    "/datasets/<str:id>/versions/<int:version>/images/<int:image>": Route(DATASET_READ, "dataset", rest=IMAGE),
    "/datasets/<str:id>/replace/": post(DATASET_EDIT, "dataset"),
    "/datasets/<str:id>/log.txt": Route(JOB_READ, "dataset"),
    "/datasets/<str:id>/decide/": post(DATASET_EDIT, "dataset"),
    "/datasets/<str:id>/problems.csv": Route(DATASET_READ, "dataset"),
    "/datasets/<str:id>/retry/": post(DATASET_EDIT, "dataset"),
    "/datasets/<str:id>/unarchive/": post(DATASET_DELETE, "dataset"),
    "/datasets/<str:id>/findings/leave/": post(DATASET_EDIT, "dataset"),
    "/datasets/<str:id>/findings/recall/": post(DATASET_EDIT, "dataset"),
    "/datasets/<str:id>/delete/": post(DATASET_DELETE, "dataset"),
    "/experiments/": Route(EXPERIMENT_READ),
    "/experiments/new/": Route(EXPERIMENT_CREATE),
    "/experiments/quick/<str:dataset_id>/": post(EXPERIMENT_CREATE, "dataset", place="dataset_id"),
    "/experiments/preview/": post(EXPERIMENT_CREATE),
    "/experiments/preview/samples/": post(EXPERIMENT_CREATE, "dataset", named="dataset"),
    "/experiments/rate/": post(EXPERIMENT_CREATE, "dataset", named="dataset", body=SEARCHED),
    "/experiments/rate/<str:id>/": Route(EXPERIMENT_READ, "search", gone=UNTRASHED),
    "/experiments/rate/<str:id>/cancel/": post(JOB_EDIT, "search", gone=UNTRASHED),
    "/experiments/<str:id>/": Route(EXPERIMENT_READ, "experiment"),
    "/experiments/<str:id>/charts/": Route(EXPERIMENT_READ, "experiment"),
    "/experiments/<str:id>/folds/": Route(EXPERIMENT_READ, "experiment", opens=286),  # no more: this one has no folds
    "/experiments/<str:id>/matrix/": Route(EXPERIMENT_READ, "experiment"),
    "/experiments/<str:id>/first-batch/<int:place>/": Route(EXPERIMENT_READ, "experiment", rest={"place": 0}),
    "/experiments/<str:id>/log/": Route(JOB_READ, "experiment"),
    "/experiments/<str:id>/log.txt": Route(JOB_READ, "experiment"),
    "/experiments/<str:id>/pause/": post(JOB_EDIT, "experiment"),
    "/experiments/<str:id>/resume/": post(JOB_EDIT, "experiment"),
    "/experiments/<str:id>/finish/": post(JOB_EDIT, "experiment"),
    "/experiments/<str:id>/cancel/": post(JOB_EDIT, "experiment"),
    "/experiments/<str:id>/retry/": post(JOB_EDIT, "experiment"),
    "/experiments/<str:id>/delete/": post(JOB_EDIT, "experiment"),
    "/queue/": Route(JOB_READ),
    "/queue/jobs/<str:id>/events/": Route(JOB_READ, "job"),
    "/queue/cancel/": post(JOB_EDIT),
    "/queue/jobs/<str:id>/cancel/": post(JOB_EDIT, "job"),
    "/evaluations/of/<str:experiment_id>/": post(EXPERIMENT_CREATE, "experiment", place="experiment_id", body={"split": "test"}),
    "/evaluations/<str:id>/": Route(REPORT_READ, "evaluation"),
    "/evaluations/<str:id>/delete/": post(JOB_EDIT, "evaluation"),
    "/reports/": Route(REPORT_READ),
    "/reports/<str:id>/": Route(REPORT_READ, "report"),
    "/reports/<str:id>/edit/": post(REPORT_EDIT, "report", body={"title": "Mine", "notes": ""}),
    "/reports/preview/": post(REPORT_COMMENT),
    "/reports/<str:id>/live/": Route(REPORT_READ, "report"),
    "/reports/<str:id>/comments/": post(REPORT_COMMENT, "report", body={"text": "Good."}),
    "/reports/<str:id>/comments/earlier/": Route(REPORT_READ, "report"),
    "/reports/comments/<str:id>/edit/": post(REPORT_COMMENT, "comment", body={"text": "Better."}, own=True),
    "/reports/comments/<str:id>/delete/": post(REPORT_COMMENT, "comment", own=True),
    "/reports/<str:id>/links/": post(REPORT_EDIT, "report", body={"days": "7"}),
    "/reports/links/<str:id>/revoke/": post(REPORT_EDIT, "link"),
    "/reports/<str:id>/report.html": Route(REPORT_READ, "report"),
    "/reports/<str:id>/model": Route(MODEL_DOWNLOAD, "report"),
    "/reports/<str:id>/config.json": Route(REPORT_READ, "report"),
    "/reports/<str:id>/predictions.csv": Route(REPORT_READ, "report"),
    "/classify/": Route(CLASSIFY),
    "/classify/run/": post(CLASSIFY, "experiment", named="experiment"),
    "/models/": Route(EXPERIMENT_READ),
    "/models/weights/": post(EXPERIMENT_CREATE, body={"name": "More"}, file="file"),
    "/models/weights/<str:id>/delete/": post(JOB_EDIT, "weights", gone=UNTRASHED),
    "/api/v1/docs": Route(ANYBODY),
}
CALLS: dict[str, Route] = {
    "POST /datasets": post(DATASET_EDIT, body={"name": "More"}, file="archive"),
    "GET /datasets": Route(DATASET_READ),
    "GET /datasets/{id}": Route(DATASET_READ, "dataset"),
    "GET /datasets/{id}/versions": Route(DATASET_READ, "dataset"),
    "GET /datasets/{id}/problems": Route(DATASET_READ, "dataset"),
    "POST /datasets/{id}/problems/leave": post(DATASET_EDIT, "dataset"),
    "POST /datasets/{id}/unarchive": post(DATASET_DELETE, "dataset"),
    "GET /datasets/{id}/versions/{number}/difference": Route(DATASET_READ, "dataset", rest={"number": 1}),
    "GET /datasets/{id}/versions/{number}/changes": Route(DATASET_READ, "dataset", rest={"number": 1}),
    "GET /datasets/{id}/versions/{number}/card": Route(DATASET_READ, "dataset", rest={"number": 1}),
    "GET /datasets/{id}/description": Route(DATASET_READ, "dataset"),
    "PATCH /datasets/{id}/description": Route(DATASET_EDIT, "dataset", method="patch", body={"licence": "CC BY 4.0"}),
    "GET /datasets/{id}/images/{position}": Route(DATASET_READ, "dataset", rest={"position": 0}),
    "GET /datasets/{id}/images/{position}/picture": Route(DATASET_READ, "dataset", rest={"position": 0}),
    "GET /datasets/{id}/images/{position}/erasure": Route(DATASET_DELETE, "dataset", rest={"position": 0}),
    "POST /datasets/{id}/images/{position}/erasure": post(DATASET_DELETE, "dataset", rest={"position": 0}),
    "GET /datasets/{id}/erasures": Route(DATASET_READ, "dataset"),
    "GET /datasets/{id}/preview": Route(DATASET_READ, "dataset"),
    "POST /datasets/{id}/preview": post(DATASET_EDIT, "dataset"),
    "GET /datasets/{id}/rounds": Route(DATASET_READ, "dataset"),
    "POST /datasets/{id}/rounds": post(DATASET_EDIT, "dataset", body={"matching": {"label": "red"}}),
    "GET /datasets/{id}/rounds/{round}": Route(DATASET_READ, "dataset", also=ROUND),
    "POST /datasets/{id}/rounds/{round}/next": post(DATASET_EDIT, "dataset", also=ROUND),
    "GET /datasets/{id}/rounds/{round}/items/{item}/picture": Route(DATASET_EDIT, "dataset", also=ROUND, rest={"item": 1}),
    "POST /datasets/{id}/rounds/{round}/answers": post(DATASET_EDIT, "dataset", also=ROUND, body={"item": 1, "do": "skip"}),
    "POST /datasets/{id}/rounds/{round}/undo": post(DATASET_EDIT, "dataset", also=ROUND),
    "POST /datasets/{id}/rounds/{round}/leave": post(DATASET_EDIT, "dataset", also=ROUND),
    "POST /datasets/{id}/rounds/{round}/changes": post(DATASET_EDIT, "dataset", also=ROUND, body={"op": "close"}),
    "GET /datasets/{id}/rounds/{round}/agreement": Route(DATASET_READ, "dataset", also=REVIEW),
    "POST /datasets/{id}/rounds/{round}/settlements": post(DATASET_EDIT, "dataset", also=REVIEW, body={"item": 1, "label": "red"}),
    "GET /datasets/{id}/suggestions": Route(DATASET_READ, "dataset"),
    "POST /datasets/{id}/suggestions": post(DATASET_EDIT, "dataset", body={"network": "none"}),
    "GET /datasets/{id}/versions/{number}/download": Route(DATASET_READ, "dataset", rest={"number": 1}),
    "POST /datasets/from/address": post(DATASET_EDIT, body={"address": "https://example.org/birds.zip"}),
    "POST /datasets/from/folder": post(DATASET_EDIT, body={"root": "/srv/images"}),
    "GET /datasets/from/folder": Route(DATASET_EDIT),
    "GET /datasets/{id}/images": Route(DATASET_READ, "dataset"),
    "GET /datasets/{id}/draft": Route(DATASET_READ, "dataset"),
    "GET /datasets/{id}/draft/edits": Route(DATASET_READ, "dataset"),
    "POST /datasets/{id}/draft/changes": post(DATASET_EDIT, "dataset", body={"op": "rename", "label": "red", "to": "pink"}),
    "GET /datasets/{id}/draft/additions": Route(DATASET_READ, "dataset"),
    "GET /datasets/{id}/draft/additions/{addition}/images": Route(DATASET_READ, "dataset", rest={"addition": 1}),
    "POST /datasets/{id}/draft/additions/{addition}/changes": post(
        DATASET_EDIT, "dataset", rest={"addition": 1}, body={"op": "remove", "images": ["0" * 64]}
    ),
    "POST /datasets/{id}/draft/undo": post(DATASET_EDIT, "dataset"),
    "POST /datasets/{id}/draft/seal": post(DATASET_EDIT, "dataset"),
    "DELETE /datasets/{id}/draft": Route(DATASET_EDIT, "dataset", method="delete"),
    "POST /datasets/{id}/versions/{number}/revert": post(DATASET_EDIT, "dataset", rest={"number": 1}),
    "POST /datasets/{id}/quality": post(DATASET_EDIT, "dataset"),
    "GET /datasets/{id}/quality": Route(DATASET_READ, "dataset"),
    "GET /datasets/{id}/quality/findings/{kind}": Route(DATASET_READ, "dataset", rest={"kind": "duplicate"}),
    "POST /datasets/{id}/quality/fixes": post(DATASET_EDIT, "dataset", body={"check": "1", "kind": "leak", "do": "out", "every": True}),
    "DELETE /datasets/{id}": Route(DATASET_DELETE, "dataset", method="delete"),
    "GET /connections": Route(DATASET_EDIT),
    "POST /datasets/from/bucket": post(DATASET_EDIT, "connection", named="connection", body={"path": "animals"}, gone=UNTRASHED),
    "POST /uploads": post(DATASET_EDIT, headers=NEW_PARTS),
    "GET /uploads": Route(DATASET_READ),
    "OPTIONS /uploads": Route(DATASET_EDIT, method="options"),
    "HEAD /uploads/{id}": Route(DATASET_EDIT, "upload", method="head", headers=TUS, gone=UNTRASHED),
    "PATCH /uploads/{id}": Route(DATASET_EDIT, "upload", method="patch", headers=PART, gone=UNTRASHED),
    "DELETE /uploads/{id}": Route(DATASET_EDIT, "upload", method="delete", headers=TUS, gone=UNTRASHED),
    "POST /experiments": post(EXPERIMENT_CREATE, "dataset", named="dataset", body={"name": "again", "config": {"epochs": 1}}),
    "GET /experiments": Route(EXPERIMENT_READ),
    "GET /experiments/{id}": Route(EXPERIMENT_READ, "experiment"),
    "DELETE /experiments/{id}": Route(JOB_EDIT, "experiment", method="delete"),
    "GET /experiments/{id}/metrics": Route(JOB_READ, "experiment"),
    "GET /experiments/{id}/report": Route(REPORT_READ, "experiment"),
    "POST /experiments/{id}/evaluations": post(EXPERIMENT_CREATE, "experiment", body={"split": "test"}),
    "POST /experiments/{id}/classify": post(CLASSIFY, "experiment", file="images"),
    "POST /weights": post(EXPERIMENT_CREATE, body={"name": "More"}, file="file"),
    "GET /weights": Route(EXPERIMENT_READ),
    "GET /weights/{id}": Route(EXPERIMENT_READ, "weights", gone=UNTRASHED),
    "DELETE /weights/{id}": Route(JOB_EDIT, "weights", method="delete", gone=UNTRASHED),
    "GET /evaluations/{id}": Route(REPORT_READ, "evaluation"),
    "DELETE /evaluations/{id}": Route(JOB_EDIT, "evaluation", method="delete"),
    "GET /reports": Route(REPORT_READ),
    "GET /reports/{id}": Route(REPORT_READ, "report"),
    "PATCH /reports/{id}": Route(REPORT_EDIT, "report", method="patch", body={"title": "Mine"}),
    "POST /reports/{id}/links": post(REPORT_EDIT, "report", body={"days": 7}),
    "DELETE /reports/{id}/links/{link}": Route(REPORT_EDIT, "report", method="delete", also={"link": "link"}),
    "GET /jobs": Route(JOB_READ),
    "GET /jobs/{id}": Route(JOB_READ, "job"),
    "GET /jobs/{id}/events": Route(JOB_READ, "job"),
    "POST /jobs/{id}/cancel": post(JOB_EDIT, "job"),
    "POST /jobs/{id}/pause": post(JOB_EDIT, "job"),
    "POST /jobs/{id}/resume": post(JOB_EDIT, "job"),
    "POST /jobs/{id}/finish": post(JOB_EDIT, "job"),
    "POST /jobs/{id}/retry": post(JOB_EDIT, "job"),
    "POST /tickets": post(JOB_READ),
    "GET /models": Route(EXPERIMENT_READ),
    "POST /models/{name}/classify": post(CLASSIFY, place="name", rest={"name": "small_cnn"}, file="images"),  # has no published weights
}
SOCKETS: dict[str, Route] = {
    "ws/jobs/<str:job_id>/": Route(JOB_READ, "job", place="job_id"),
    "ws/team/": Route(JOB_READ),
}
