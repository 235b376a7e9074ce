/** Bodies in pieces, as `enableHttpStream` has them: nothing is held as a whole, and what breaks off is seen to. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peakRssMb } from '../../src/dev/story/measures.ts';
import { type HostProcess, startHost, stateFolder } from './host-process.ts';

describe('bodies in pieces', () => {
  const state = stateFolder();
  let host: HostProcess;
  beforeAll(async () => {
    host = await startHost(state.path, { app: 'streaming' });
  });
  afterAll(async () => {
    await host.stop();
    state.remove();
  });
  const pieces = async function* (path: string) {
    const response = await host.call('GET', path);
    for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) yield piece;
  };

  it('go out while the function still makes the rest', async () => {
    const arrived: [string, number][] = [];
    for await (const piece of pieces('/api/bodies/slow')) arrived.push([String(Buffer.from(piece)), performance.now()]);
    expect(arrived.map(([text]) => text)).toEqual(['first\n', 'last\n']);
    expect((arrived[1]?.[1] ?? 0) - (arrived[0]?.[1] ?? 0)).toBeGreaterThan(500);
  });

  it('come in of any size up to what Azure takes, and no larger', async () => {
    const post = (bytes: number) =>
      fetch(`${host.origin}/api/sum`, {
        method: 'POST',
        headers: { 'x-functions-key': host.key },
        body: Buffer.alloc(bytes),
      });
    expect(await (await post(20_000_000)).json()).toEqual({ bytes: 20_000_000 });
    const refused = await fetch(`${host.origin}/api/sum`, {
      method: 'POST',
      headers: { 'x-functions-key': host.key, 'content-length': '104857601' },
      body: Buffer.alloc(104_857_601),
    }).then(
      ({ status }) => status,
      // The refusal may come before the body is sent, and then the connection is simply closed.
      () => 413,
    );
    expect(refused).toBe(413);
  });

  it('break off where the function breaks off, so that nobody takes half of it for the whole', async () => {
    await expect(host.call('GET', '/api/bodies/breaking').then((response) => response.text())).rejects.toThrow();
    expect((await host.call('GET', '/api/health')).status).toBe(200);
  });

  it('may be left by who asked for them, and the host goes on', async () => {
    const leaving = new AbortController();
    const response = await fetch(`${host.origin}/api/bodies/large?megabytes=200`, {
      headers: { 'x-functions-key': host.key },
      signal: leaving.signal,
    });
    await response.body?.getReader().read();
    leaving.abort();
    expect((await host.call('GET', '/api/health')).status).toBe(200);
  });

  it('are refused by name where a handler returns nothing: Azure would let the caller wait for ever', async () => {
    expect((await host.call('GET', '/api/nothing-back')).status).toBe(500);
  });

  it('of hundreds of megabytes pass through without being held', async () => {
    let bytes = 0;
    for await (const piece of pieces('/api/bodies/large?megabytes=768')) bytes += piece.byteLength;
    expect(bytes).toBe(768 * 1024 * 1024);
    expect(peakRssMb(host.child.pid ?? 0)).toBeLessThan(640);
  });
});
