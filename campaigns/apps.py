from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"

    def ready(self):
        from campaigns import jobs, subscribers  # noqa: F401  (declare)
        from contacts import tagging

        tagging.merge_followers.append(subscribers.follow_tag)
