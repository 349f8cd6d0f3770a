from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "webapp.reports"
    label = "reports"

    def ready(self) -> None:
        from webapp.evaluations.hooks import when_done

        when_done.add("webapp.reports.actions.report_on")
