// SPDX-License-Identifier: MIT
import { ImagePlus, Wand } from 'lucide-preact';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import samplePerson from '../../../assets/person.jpg';
import sampleGarment from '../../../assets/garment.png';
import { explain, get, request, send } from '../lib/api';
import { bytes, money } from '../lib/format';
import { waitingText, costOf } from '../lib/jobs';
import { now } from '../lib/clock';
import { onJob } from '../lib/live';
import { may, seesAll, session } from '../lib/session';
import { finalStatuses, type Job, type StoredImage } from '../lib/types';
import { Compare } from '../ui/compare';
import { Empty, Failure, JobLink, Meter, PageHead, Panel } from '../ui/panel';
import { Status } from '../ui/status';
import { imageUrl } from '../ui/thumb';

type Side = 'person' | 'garment';

interface Chosen {
  id?: string;
  /** Of a picture that is not stored yet. */
  file?: Blob;
  url?: string;
  text: string;
}

const types =
  'image/jpeg,image/png,image/webp,image/heic,image/avif,image/gif,image/bmp,image/tiff';

function Drop({
  side,
  chosen,
  choose,
}: {
  side: Side;
  chosen: Chosen | null;
  choose: (file: File) => void;
}): VNode {
  const [isOver, setOver] = useState(false);
  const title = side === 'person' ? 'Person' : 'Garment';
  return (
    <label
      class={`drop ${isOver ? 'is-over' : ''} ${chosen ? 'is-full' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer?.files[0];
        if (file) {
          choose(file);
        }
      }}
    >
      <input
        type="file"
        class="visually-hidden"
        accept={types}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) {
            choose(file);
          }
        }}
      />
      {chosen?.url ? (
        <img class="picture" src={chosen.url} alt={`The ${side} that is chosen`} />
      ) : (
        <ImagePlus size={28} aria-hidden="true" />
      )}
      <span class="drop-text">
        <b>{title}</b> <span class="muted">{chosen?.text ?? 'Drop a photo, or choose one'}</span>
      </span>
    </label>
  );
}

function useChosen(
  start: string | undefined,
): [Chosen | null, (file: File) => void, (chosen: Chosen) => void] {
  const [chosen, setChosen] = useState<Chosen | null>(
    start
      ? { id: start, url: imageUrl(start, 'thumbnail') ?? undefined, text: 'as in the first job' }
      : null,
  );
  useEffect(
    () => () => {
      if (chosen?.file && chosen.url) {
        URL.revokeObjectURL(chosen.url);
      }
    },
    [chosen],
  );
  const choose = (file: File): void =>
    setChosen({ file, url: URL.createObjectURL(file), text: `${file.name}, ${bytes(file.size)}` });
  return [chosen, choose, setChosen];
}

/** A vendor's image is for everybody to use: a key for some users may not publish one. */
const typeOf = (side: Side): string => (side === 'garment' && seesAll.value ? 'vendor' : 'user');

async function store(chosen: Chosen, side: Side, user: string): Promise<string> {
  if (chosen.id) {
    return chosen.id;
  }
  const answer = await request(`/images?userId=${encodeURIComponent(user)}&type=${typeOf(side)}`, {
    method: 'POST',
    body: chosen.file,
    headers: { 'Content-Type': chosen.file?.type || 'application/octet-stream' },
  });
  return ((await answer.json()) as StoredImage).id;
}

/** A job that is followed by its events, and asked for where there are none. */
function useFollowed(id: string | null): Job | undefined {
  const [job, setJob] = useState<Job>();
  useEffect(() => {
    if (id === null) {
      setJob(undefined);
      return undefined;
    }
    let isOver = false;
    const load = (): void => {
      if (!isOver) {
        get<Job>(`/worker/jobs/${id}`).then(
          (found) => {
            isOver ||= finalStatuses.includes(found.status);
            setJob(found);
          },
          () => undefined,
        );
      }
    };
    load();
    const timer = setInterval(load, 2000);
    const end = onJob((event) => event.jobId === id && load());
    return () => {
      isOver = true;
      clearInterval(timer);
      end();
    };
  }, [id]);
  return job;
}

function Outcome({ job }: { job: Job }): VNode {
  const isOver = finalStatuses.includes(job.status);
  return (
    <Panel title="Result" hint={<JobLink id={job.id} />} actions={<Status of={job.status} />}>
      {!isOver && (
        <div class="stack" role="status">
          <Meter value={job.progress.percent} max={100} label="Progress" />
          <p class="muted">
            {job.waiting
              ? `Waits: ${waitingText(job.waiting, now.value)}`
              : `${job.progress.stage}, ${job.progress.percent}%`}
          </p>
        </div>
      )}
      {job.status === 'completed' && (
        <>
          <Compare
            person={job.payload.userImageId}
            garment={job.payload.clothImageId}
            result={job.result?.imageId}
          />
          <p class="muted small result-cost">
            {job.result?.cached
              ? 'From the cache: it cost nothing.'
              : costOf(job) !== null
                ? `It cost ${money(costOf(job))}.`
                : ''}
          </p>
        </>
      )}
      {job.error && isOver && job.status !== 'completed' && (
        <Failure text={`${job.error.class}: ${job.error.message}`} />
      )}
    </Panel>
  );
}

const qualities = ['', 'draft', 'standard', 'high'];
const ratios = ['', '1:1', '3:4', '4:3', '9:16', '16:9'];

export function TryPage(): VNode {
  return may('submitter') ? (
    <TryForm />
  ) : (
    <Empty icon={<Wand size={24} />} title="This key may not submit jobs">
      It takes a key with the role submitter or admin.
    </Empty>
  );
}

function TryForm(): VNode {
  const { query } = useLocation();
  const users = session.value?.users ?? [];
  const [person, choosePerson, setPerson] = useChosen(query['person']);
  const [garment, chooseGarment, setGarment] = useChosen(query['garment']);
  const [user, setUser] = useState(query['user'] ?? users[0] ?? 'dashboard');
  const [prompt, setPrompt] = useState(query['prompt'] ?? '');
  const [style, setStyle] = useState(query['style'] ?? '');
  const [quality, setQuality] = useState(query['quality'] ?? '');
  const [ratio, setRatio] = useState(query['aspectRatio'] ?? '');
  const [fresh, setFresh] = useState(query['noCache'] === 'true');
  const [jobId, setJobId] = useState<string | null>(null);
  const [error, setError] = useState('');
  const [isBusy, setBusy] = useState(false);
  const job = useFollowed(jobId);

  const useSamples = async (): Promise<void> => {
    for (const [address, set] of [
      [samplePerson, setPerson],
      [sampleGarment, setGarment],
    ] as const) {
      try {
        const file = await (await request(address)).blob();
        set({ file, url: URL.createObjectURL(file), text: 'a sample' });
      } catch (failure) {
        setError(explain(failure));
      }
    }
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!person || !garment) {
      return;
    }
    setBusy(true);
    setError('');
    setJobId(null);
    try {
      const userImageId = await store(person, 'person', user);
      setPerson({ ...person, id: userImageId });
      const clothImageId = await store(garment, 'garment', user);
      setGarment({ ...garment, id: clothImageId });
      const options = Object.fromEntries(
        Object.entries({ prompt, style, quality, aspectRatio: ratio }).filter(
          ([, value]) => value !== '',
        ),
      );
      const made = await send<Job>('POST', '/worker/jobs', {
        type: 'image_conversion',
        conversionId: `try-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`,
        userId: user,
        priority: 10,
        payload: {
          userImageId,
          clothImageId,
          options: fresh ? { ...options, noCache: true } : options,
        },
      });
      setJobId(made.id);
    } catch (failure) {
      setError(explain(failure));
    }
    setBusy(false);
  };

  return (
    <>
      <PageHead title="Try it" about="Two pictures, one call to the provider.">
        <button type="button" class="button" onClick={() => void useSamples()}>
          Use the samples
        </button>
      </PageHead>
      <div class="grid">
        <form class="span-6 stack" onSubmit={(event) => void submit(event)}>
          <Panel title="Pictures">
            <div class="drops">
              <Drop side="person" chosen={person} choose={choosePerson} />
              <Drop side="garment" chosen={garment} choose={chooseGarment} />
            </div>
          </Panel>
          <Panel title="Options">
            <div class="form-grid">
              <label class="field is-wide">
                <span>Prompt</span>
                <textarea
                  value={prompt}
                  maxLength={2000}
                  placeholder="What the provider is to mind. It may be left empty."
                  onInput={(event) => setPrompt(event.currentTarget.value)}
                />
              </label>
              <label class="field">
                <span>Style</span>
                <input
                  value={style}
                  maxLength={100}
                  placeholder="casual"
                  onInput={(event) => setStyle(event.currentTarget.value)}
                />
              </label>
              <label class="field">
                <span>User</span>
                {users.length > 0 ? (
                  <select value={user} onChange={(event) => setUser(event.currentTarget.value)}>
                    {users.map((each) => (
                      <option key={each}>{each}</option>
                    ))}
                  </select>
                ) : (
                  <input
                    value={user}
                    required
                    maxLength={256}
                    onInput={(event) => setUser(event.currentTarget.value)}
                  />
                )}
              </label>
              <label class="field">
                <span>Quality</span>
                <select value={quality} onChange={(event) => setQuality(event.currentTarget.value)}>
                  {qualities.map((each) => (
                    <option key={each} value={each}>
                      {each || 'as usual'}
                    </option>
                  ))}
                </select>
              </label>
              <label class="field">
                <span>Aspect ratio</span>
                <select value={ratio} onChange={(event) => setRatio(event.currentTarget.value)}>
                  {ratios.map((each) => (
                    <option key={each} value={each}>
                      {each || 'as the photo'}
                    </option>
                  ))}
                </select>
              </label>
              <label class="check is-wide">
                <input
                  type="checkbox"
                  checked={fresh}
                  onChange={(event) => setFresh(event.currentTarget.checked)}
                />{' '}
                Make a new picture, also where the cache has one
              </label>
            </div>
          </Panel>
          {error && <Failure text={error} />}
          <button
            type="submit"
            class="button is-primary is-large"
            disabled={!person || !garment || isBusy}
          >
            <Wand size={17} aria-hidden="true" /> {isBusy ? 'Submitting' : 'Put it on'}
          </button>
        </form>
        <div class="span-6 stack">
          {job ? (
            <Outcome job={job} />
          ) : (
            <Panel title="Result">
              <div class="picture is-missing is-tall">
                <Wand size={28} aria-hidden="true" />
                <span>The picture appears here.</span>
              </div>
            </Panel>
          )}
        </div>
      </div>
    </>
  );
}
