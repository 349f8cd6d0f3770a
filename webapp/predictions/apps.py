from django.apps import AppConfig


class PredictionsConfig(AppConfig):
    name = "webapp.predictions"
    label = "predictions"

    def ready(self) -> None:
        from webapp.datasets.hooks import Taker, counted_anew_from, elsewhere_from, known_as, names_erased_from, takers, unread_from

        takers["classification"] = Taker(
            check="webapp.predictions.many.arriving.check",
            make="webapp.predictions.many.arriving.make",
            form="predictions:many",
            page="predictions:detail",
            call="/classifications/{}",
        )
        known_as.add("webapp.predictions.erasing.known_as")
        elsewhere_from.add("webapp.predictions.erasing.elsewhere")
        names_erased_from.add("webapp.predictions.erasing.forget_names")
        counted_anew_from.add("webapp.predictions.erasing.count_anew")
        unread_from.add("webapp.predictions.erasing.unread")
