/** Hosts that die in the middle of uploads leave the storage of a local run as able as it was. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BlobSASPermissions, BlobServiceClient } from '@azure/storage-blob';
import { expect, it } from 'vitest';
import { findFreePorts, loopback } from '../../src/dev/ports.ts';
import { startStorage } from '../../src/dev/processes.ts';

/** Azurite's published development account. */
const account = 'devstoreaccount1';
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

it('writes blobs after six hundred clients died in the middle of theirs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'entra-restore-test-'));
  const { storage: port } = await findFreePorts();
  const storage = await startStorage(port, folder, { onLine: () => undefined });
  try {
    const endpoint = `http://${loopback}:${port}/${account}`;
    const blobs = BlobServiceClient.fromConnectionString(
      `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};BlobEndpoint=${endpoint}`,
    );
    const container = blobs.getContainerClient('dying');
    await container.create();
    const address = new URL(
      await container.getBlockBlobClient('begun').generateSasUrl({
        permissions: BlobSASPermissions.parse('cw'),
        expiresOn: new Date(Date.now() + 3_600_000),
      }),
    );
    for (let round = 0; round < 30; round += 1) {
      await Promise.all(Array.from({ length: 20 }, (_, at) => dieUploading(port, address, at % 4 > 0)));
    }
    const text = 'as if nothing had been';
    const blob = container.getBlockBlobClient('later');
    const written = blob.upload(text, text.length).then(() => 'written');
    expect(await Promise.race([written, sleep(15_000, 'waiting for ever', { ref: false })])).toBe('written');
    expect((await blob.downloadToBuffer()).toString()).toBe(text);
    // Of theirs, what had arrived whole may be there, but nothing in pieces.
    const begun = container.getBlobClient('begun');
    if (await begun.exists()) expect((await begun.getProperties()).contentLength).toBe(20_000);
  } finally {
    await storage.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

/** Sends an upload, all of its bytes or a part of them, and resets the connection at once. */
function dieUploading(port: number, address: URL, whole: boolean): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, loopback, () => {
      const headers = ['x-ms-blob-type: BlockBlob', 'x-ms-version: 2021-12-02', 'Content-Length: 20000'];
      const head = [`PUT ${address.pathname}${address.search} HTTP/1.1`, `Host: ${address.host}`, ...headers];
      socket.write(`${head.join('\r\n')}\r\n\r\n`);
      socket.write(Buffer.alloc(whole ? 20_000 : 5_000));
      setImmediate(() => socket.resetAndDestroy());
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
  });
}
