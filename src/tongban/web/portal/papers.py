# SPDX-License-Identifier: Apache-2.0
"""Blank forms and samples of an item: from here, or from the node that published them."""

from django.http import HttpResponseBase, HttpResponseRedirect
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from tongban.catalogue import queries
from tongban.regions.queries import trust_list
from tongban.standards.node import here
from tongban.standards.refusal import NotFound
from tongban.web import files
from tongban.web.visit import Visit, page


@require_safe
@page
def item_file(request: Visit, task_code: str, digest: str) -> HttpResponseBase:
    """Where another node keeps it, people are sent there: it is public."""
    file, kept, node = queries.item_file(task_code, digest)
    if kept is not None:
        return files.send(files.paper(file.name, file.type, bytes(kept.data)), keep=True)
    publisher = trust_list().nodes.get(node)
    if publisher is None or node == here().code:
        raise NotFound(what="这个文件")
    return HttpResponseRedirect(publisher.address + reverse("portal:item-file", args=[task_code, digest]))


urlpatterns = [path("items/<str:task_code>/files/<str:digest>/", item_file, name="item-file")]
