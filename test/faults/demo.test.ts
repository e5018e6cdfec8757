import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { chapters } from '../../src/boot/story.js';
import { Place } from './place.js';
import { copyOfProject } from './project.js';
import type { Server } from './server.js';

jest.setTimeout(300_000);

let place: Place;
let temporary: string;

beforeEach(async () => {
  place = await Place.make();
  temporary = join(place.folder, 'tmp');
  await mkdir(temporary);
});

afterEach(async () => {
  await place.clear();
});

test('plays the story to its end, and leaves nothing behind', async () => {
  const demo = startDemo();
  expect(await demo.exit()).toBe(0);
  for (const { title } of chapters) expect(demo.stdout).toContain(title);
  expect(demo.stdout).toMatch(/\ndemo: ok\n$/);
  expect(demo.stderr).toBe('');
  await expectNothingLeft();
});

test('says what differs when the plan has another content', async () => {
  const project = await copyOfProject(place.folder);
  const file = join(project, 'config/catalog.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replaceAll('api_access: true', 'api_access: false'));
  const demo = startDemo(project);
  expect(await demo.exit()).toBe(1);
  expect(demo.stdout).toContain('This differs from what should have happened:');
  expect(demo.stdout).toContain(
    `"${chapters[1]?.title}": expected access allowed by paid, found refused by not_in_plan`,
  );
  expect(demo.stdout).not.toContain('demo: ok');
  expect(demo.stderr).toBe('');
  await expectNothingLeft();
});

test('broken off by Ctrl-C, it clears up', async () => {
  const demo = startDemo();
  await demo.says('She subscribes to Pro');
  expect(await demo.stop('SIGINT')).toBe(1);
  expect(demo.stdout).toMatch(/The demo was broken off\.\n$/);
  expect(demo.stderr).toBe('');
  await expectNothingLeft();
});

function startDemo(project?: string): Server {
  return place.spawn({
    program: 'dist/src/boot/demo.cli.js',
    args: [],
    env: { TMPDIR: temporary },
    ...(project && { project }),
  });
}

async function expectNothingLeft(): Promise<void> {
  expect(await readdir(temporary)).toEqual([]);
  expect(await place.processes()).toEqual([]);
}
