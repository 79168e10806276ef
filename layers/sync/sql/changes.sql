-- How the features of a source that were just written differ from those of the generation before.
SELECT count(*) FILTER (WHERE before.key IS NULL) AS added,
       count(*) FILTER (WHERE before.digest <> now.digest) AS changed,
       count(*) FILTER (WHERE before.digest = now.digest) AS unchanged,
       count(*) FILTER (WHERE now.key IS NULL) AS vanished
FROM (
    SELECT key, digest FROM layers_syncedfeature
    WHERE source = %(source)s AND generation = %(last)s
) AS before
FULL JOIN (
    SELECT key, digest FROM layers_syncedfeature
    WHERE source = %(source)s AND generation = %(last)s + 1
) AS now USING (key)
