// What a page does with an S3 bucket, by AWS's own client.
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

const MIB = 1024 * 1024;

const note = { Bucket: 'bucket', Key: 'a note (1)+ü.txt' };

const created = (api, accessKeyId, secretAccessKey) => new S3Client({
  endpoint: api, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1,
  credentials: { accessKeyId, secretAccessKey },
});

export async function s3(...with_) {
  const client = created(...with_);
  const put = await client.send(new PutObjectCommand({ ...note, Body: 'hello, world', Metadata: { by: 'page' } }));
  const head = await client.send(new HeadObjectCommand(note));
  const part = await client.send(new GetObjectCommand({ ...note, Range: 'bytes=7-11' }));

  const big = { Bucket: 'bucket', Key: 'big' };
  await new Upload({ client, partSize: 5 * MIB, params: { ...big, Body: new Blob(['x'.repeat(6 * MIB)]) } }).done();
  const { ContentLength } = await client.send(new HeadObjectCommand(big));
  return [
    put.ETag === head.ETag, head.Metadata.by, await part.Body.transformToString(), part.ContentRange, ContentLength / MIB,
  ];
}

// What a server would sign, and the page only uses.
export async function presigned(...with_) {
  const client = created(...with_);
  const put = await fetch(await getSignedUrl(client, new PutObjectCommand(note)), { method: 'PUT', body: 'signed' });
  const got = await fetch(await getSignedUrl(client, new GetObjectCommand(note)));
  return [put.status, got.headers.get('etag') === put.headers.get('etag'), await got.text()];
}
