from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "webapp.reports"
    label = "reports"

    def ready(self) -> None:
        from webapp.accounts.hooks import Ending, endings
        from webapp.datasets.hooks import when_erased
        from webapp.evaluations.hooks import when_done

        endings.add(Ending("report.edit", "share link", "webapp.reports.actions.end_links"))
        when_done.add("webapp.reports.actions.report_on")
        when_erased.add("webapp.reports.erasing.forget")
