"""Reading ``STORAGE_URL``; no Django here, settings call it."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """A bucket, and the folder in it that is ours."""

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""


def read_address(url: str) -> BucketAddress | None:
    """``s3://BUCKET[/PREFIX][?endpoint=URL&region=NAME]``; None for a folder's path.

    Raises:
        ValueError: it is neither; the sentence says why.
    """
    if "://" not in url:
        return None
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc:
        msg = (
            f"STORAGE_URL is {url}; set it to a folder's path or to "
            "s3://BUCKET/PREFIX?endpoint=URL, with the keys in AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY."
        )
        raise ValueError(msg)
    query = dict(parse_qsl(parts.query))
    unknown = set(query) - {"endpoint", "region"}
    if unknown:
        msg = f"STORAGE_URL has {min(unknown)!r}; only endpoint and region are known."
        raise ValueError(msg)
    prefix = parts.path.strip("/")
    return BucketAddress(
        bucket=parts.netloc,
        prefix=f"{prefix}/" if prefix else "",
        endpoint=query.get("endpoint", ""),
        region=query.get("region", ""),
    )
