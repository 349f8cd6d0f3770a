from __future__ import annotations

from django.urls import path

from webapp.datasets.views import browse, drafting, findings, gallery, look, matching, media, parts, quality, upload, versions

app_name = "datasets"
urlpatterns = [
    path("", browse.dataset_list, name="list"),
    path("new/", upload.new, name="new"),
    path("upload/", upload.upload, name="upload"),
    path("uploads/", parts.parts, name="parts"),
    path("uploads/<str:id>/", parts.part, name="part"),
    path("uploads/<str:id>/discard/", parts.discard, name="discard"),
    path("sample/", upload.load_sample, name="sample"),
    path("<str:id>/", browse.detail, name="detail"),
    path("<str:id>/classes/", browse.classes, name="classes"),
    path("<str:id>/problems/", browse.problems, name="problems"),
    path("<str:id>/quality/", quality.quality, name="quality"),
    path("<str:id>/quality/status/", quality.status, name="quality-status"),
    path("<str:id>/quality/check/", quality.check, name="check"),
    path("<str:id>/quality/fix/", quality.fix, name="fix"),
    path("<str:id>/gallery/", gallery.gallery, name="gallery"),
    path("<str:id>/status/", browse.status, name="status"),
    path("<str:id>/draft/change/", drafting.change, name="change"),
    path("<str:id>/draft/change-matching/", matching.change_matching, name="change-matching"),
    path("<str:id>/draft/undo/", drafting.undo, name="undo"),
    path("<str:id>/draft/class/", drafting.change_class, name="change-class"),
    path("<str:id>/draft/split/", drafting.resplit, name="resplit"),
    path("<str:id>/draft/seal/", drafting.seal, name="seal"),
    path("<str:id>/draft/discard/", drafting.discard, name="discard-draft"),
    path("<str:id>/draft/sealing/", drafting.sealing, name="sealing"),
    path("<str:id>/versions/", versions.versions, name="versions"),
    path("<str:id>/versions/<int:version>/difference/", versions.difference, name="difference"),
    path("<str:id>/versions/<int:version>/changes.jsonl", versions.changes, name="changes"),
    path("<str:id>/versions/<int:version>/revert/", drafting.revert, name="revert"),
    path("<str:id>/history/<int:position>/", versions.sample_history, name="history"),
    path("<str:id>/versions/<int:version>/images/<int:image>/thumb", media.thumb, name="thumb"),
    path("<str:id>/versions/<int:version>/images/<int:image>", media.image, name="image"),
    path("<str:id>/replace/", upload.replace, name="replace"),
    path("<str:id>/log.txt", browse.whole_log, name="whole-log"),
    path("<str:id>/decide/", look.decide, name="decide"),
    path("<str:id>/problems.csv", findings.as_csv, name="problems-csv"),
    path("<str:id>/retry/", upload.retry, name="retry"),
    path("<str:id>/findings/leave/", findings.leave, name="leave"),
    path("<str:id>/findings/recall/", findings.recall, name="recall"),
    path("<str:id>/delete/", upload.delete, name="delete"),
    path("<str:id>/unarchive/", upload.unarchive, name="unarchive"),
]
