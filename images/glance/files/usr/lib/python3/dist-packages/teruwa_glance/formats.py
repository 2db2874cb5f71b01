"""Refuses an image whose bytes are of another format than its record says."""

import json
import os

from oslo_log import log as logging
import webob.exc

LOG = logging.getLogger(__name__)

# The operator's list: where a file of which format has which bytes.
with open(os.path.join(os.path.dirname(__file__), 'signatures.json')) as file:
    SIGNATURES = [(each['format'], each['offset'], bytes.fromhex(each['bytes'])) for each in json.load(file)]
MARKED = {name for name, _, _ in SIGNATURES}
HEAD_LENGTH = max(offset + len(mark) for _, offset, mark in SIGNATURES)
# A VHD of the fixed kind has its mark at the beginning of its last 512 bytes.
FOOTER_LENGTH = 512
# In these the file is wrapped in something else, whose bytes are not the disk's.
WRAPPED = ('ova', 'ovf', 'docker', 'compressed')


def format_of(head):
    """The format of a file by its first bytes; raw where no mark is there."""
    for name, offset, mark in SIGNATURES:
        if head[offset:offset + len(mark)] == mark:
            return name
    return 'raw'


def checked(data, image):
    """The data, that ends with an error instead of its end where it is of another format than the image's record says."""
    if image.container_format in WRAPPED:
        return data
    return CheckedData(data, image)


class UnsafeImage(webob.exc.HTTPUnsupportedMediaType):
    """An answer with nothing but the sentence: by itself it would blame the media type of the request."""

    def __init__(self, sentence):
        super().__init__(sentence, body_template='${detail}')

    def generate_response(self, environ, start_response):
        # The stock client accepts nothing in particular here, and shows no plain text.
        accepted = environ.get('HTTP_ACCEPT') or 'text/html'
        return super().generate_response({**environ, 'HTTP_ACCEPT': accepted}, start_response)


class CheckedData:
    """A file that looks at what is read from it. The refusal comes at the end, when the client has sent all and listens."""

    def __init__(self, source, image):
        self._source = source
        self._image = image
        self._head = b''
        self._tail = b''

    def read(self, size=-1):
        chunk = self._source.read(size)
        return self._seen(chunk)

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return self._seen(next(self._source))
        except StopIteration:
            self._seen(b'')
            raise

    def close(self):
        if hasattr(self._source, 'close'):
            self._source.close()

    def _seen(self, chunk):
        if not chunk:
            self._verify()
            return chunk
        if len(self._head) < HEAD_LENGTH:
            self._head += chunk[:HEAD_LENGTH]
        if self._image.disk_format == 'vhd':
            self._tail = (self._tail + chunk)[-FOOTER_LENGTH:]
        return chunk

    def _verify(self):
        # Nova's record of a server that boots from a volume has no file.
        if not self._head:
            return
        declared, found = self._image.disk_format, format_of(self._head)
        if declared == 'vhd' and found == 'raw':
            found = format_of(self._tail)
        if found == (declared if declared in MARKED else 'raw'):
            return
        sentence = ('image %(name)s: refused as unsafe: disk_format is %(declared)s, and the file is %(found)s; '
                    'upload it with the --disk-format that it has, or upload another file'
                    % {'name': self._image.name, 'declared': declared, 'found': found})
        LOG.warning(sentence)
        raise UnsafeImage(sentence)
