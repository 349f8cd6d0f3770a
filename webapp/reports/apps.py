from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "webapp.reports"
    label = "reports"

    def ready(self) -> None:
        from webapp.core.context import count_of
        from webapp.evaluations.hooks import when_done
        from webapp.reports.models import Report

        when_done.add("webapp.reports.actions.report_on")
        count_of("reports", lambda team: Report.objects.filter(team=team))
