"""The admin site."""

from django.contrib.admin import AdminSite


class FoyerAdminSite(AdminSite):
    site_header = site_title = "Foyer"
    index_title = "Administration"
    site_url = "/docs"
