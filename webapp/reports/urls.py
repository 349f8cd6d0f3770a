from __future__ import annotations

from django.urls import path

from webapp.reports.views import card, change, compose, frozen, read

app_name = "reports"
urlpatterns = [
    path("", read.report_list, name="list"),
    path("preview/", change.preview, name="preview"),
    path("comments/<str:id>/edit/", change.comment_edit, name="comment-edit"),
    path("comments/<str:id>/delete/", change.comment_delete, name="comment-delete"),
    path("links/<str:id>/revoke/", change.link_revoke, name="link-revoke"),
    path("snapshots/<str:id>/", frozen.snapshot, name="snapshot"),
    path("snapshots/<str:id>/delete/", frozen.snapshot_delete, name="snapshot-delete"),
    path("snapshots/<str:id>/manifest.json", frozen.snapshot_manifest, name="snapshot-manifest"),
    path("snapshots/<str:id>/report.pdf", frozen.snapshot_pdf, name="snapshot-pdf"),
    path("snapshots/<str:id>/images/blocks/<int:place>", frozen.snapshot_picture, name="snapshot-picture"),
    path("snapshots/<str:id>/images/<int:place>", frozen.snapshot_image, name="snapshot-image"),
    path("blocks/<str:id>/change/", compose.block_change, name="block-change"),
    path("blocks/<str:id>/move/", compose.block_move, name="block-move"),
    path("blocks/<str:id>/remove/", compose.block_remove, name="block-remove"),
    path("<str:id>/blocks/", compose.blocks, name="blocks"),
    path("<str:id>/blocks/add/", compose.block_add, name="block-add"),
    path("<str:id>/", read.report_detail, name="detail"),
    path("<str:id>/live/", read.report_live, name="live"),
    path("<str:id>/edit/", change.report_edit, name="edit"),
    path("<str:id>/comments/", change.comment_new, name="comment-new"),
    path("<str:id>/comments/earlier/", read.comments_earlier, name="comments-earlier"),
    path("<str:id>/snapshots/", frozen.snapshot_new, name="freeze"),
    path("<str:id>/links/", change.link_new, name="link-new"),
    path("<str:id>/config.json", read.report_config, name="config"),
    path("<str:id>/manifest.json", read.report_manifest, name="manifest"),
    path("<str:id>/predictions.csv", read.report_predictions, name="predictions"),
    path("<str:id>/report.html", read.report_file, name="file"),
    path("<str:id>/report.pdf", card.report_pdf, name="pdf"),
    path("<str:id>/card/", card.card, name="card"),
    path("<str:id>/card/intended/", card.intend, name="intend"),
    path("<str:id>/card.md", card.card_markdown, name="card-markdown"),
    path("<str:id>/card.html", card.card_html, name="card-html"),
    path("<str:id>/model", read.report_model, name="model"),
]
