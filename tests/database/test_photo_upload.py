"""A photo on its way in: by script, by form and by program; what is refused, and how."""

import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reports.models import Photo
from tests import pictures

pytestmark = pytest.mark.django_db
DRAFT = uuid.UUID("00000000-0000-4000-8000-000000000001")


def send(client: Client, content: bytes, draft: object = DRAFT, name: str = "p.jpg"):
    file = SimpleUploadedFile(name, content, "image/jpeg")
    return client.post("/report/photos/", {"photo": file, "draft": str(draft)})


def test_a_photo_is_taken(client):
    answer = send(client, pictures.photo())
    assert answer.status_code == 201
    body = answer.json()
    print(json.dumps(body))
    assert client.get(body["url"]).headers["Content-Type"] == "image/jpeg"
    assert Photo.objects.get().key == body["key"]
