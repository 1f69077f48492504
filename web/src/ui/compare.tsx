// SPDX-License-Identifier: MIT
// Before, garment and after: over each other with a slider, beside each other, or in turns.

import { Columns3, ImageOff, Layers, SplitSquareHorizontal } from 'lucide-preact';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { imageUrl } from './thumb';

type View = 'slider' | 'side' | 'flip';

function Picture({
  id,
  name,
  class: style = '',
}: {
  id?: string;
  name: string;
  class?: string;
}): VNode {
  const [problem, setProblem] = useState('');
  const url = imageUrl(id, 'full');
  useEffect(() => setProblem(''), [url]);
  const reason = !id ? 'not there yet' : !url ? 'kept elsewhere, by URL' : problem;
  if (reason) {
    return (
      <div class={`picture is-missing ${style}`} role="img" aria-label={`${name}: ${reason}`}>
        <ImageOff size={28} aria-hidden="true" />
        <span>
          {name}: {reason}
        </span>
      </div>
    );
  }
  return (
    <img
      class={`picture ${style}`}
      src={url ?? ''}
      alt={name}
      draggable={false}
      onError={() => setProblem('deleted, or not for this key')}
    />
  );
}

function Slider({ before, after }: { before?: string; after?: string }): VNode {
  const [share, setShare] = useState(50);
  return (
    <div class="compare-slider">
      <Picture id={before} name="Before" />
      <div class="compare-after" style={{ clipPath: `inset(0 0 0 ${share}%)` }}>
        <Picture id={after} name="After" />
      </div>
      <span class="compare-tag is-left" aria-hidden="true">
        Before
      </span>
      <span class="compare-tag is-right" aria-hidden="true">
        After
      </span>
      <span class="compare-line" style={{ left: `${share}%` }} aria-hidden="true">
        <i />
      </span>
      <input
        type="range"
        min="0"
        max="100"
        step="1"
        value={share}
        aria-label="How much of the picture before is seen"
        aria-valuetext={`${share}% before, ${100 - share}% after`}
        onInput={(event) => setShare(Number(event.currentTarget.value))}
      />
    </div>
  );
}

export function Compare({
  person,
  garment,
  result,
}: {
  person?: string;
  garment?: string;
  result?: string;
}): VNode {
  const [view, setView] = useState<View>(result ? 'slider' : 'side');
  const [showsAfter, setShowsAfter] = useState(true);
  useEffect(
    () => setView((before) => (result ? (before === 'side' ? 'slider' : before) : 'side')),
    [result],
  );
  useEffect(() => {
    const flip = (): void => {
      setView('flip');
      setShowsAfter((before) => !before);
    };
    addEventListener('stayler:flip', flip);
    return () => removeEventListener('stayler:flip', flip);
  }, []);
  const views: [View, string, VNode][] = [
    ['slider', 'Slider', <SplitSquareHorizontal size={15} aria-hidden="true" />],
    ['side', 'Side by side', <Columns3 size={15} aria-hidden="true" />],
    ['flip', 'Flip', <Layers size={15} aria-hidden="true" />],
  ];
  return (
    <div class="compare">
      <div class="compare-stage">
        {view === 'slider' && <Slider before={person} after={result} />}
        {view === 'flip' && (
          <button
            type="button"
            class="compare-flip"
            onClick={() => setShowsAfter(!showsAfter)}
            aria-label="Flip between before and after"
          >
            <Picture id={showsAfter ? result : person} name={showsAfter ? 'After' : 'Before'} />
            <span class="compare-tag is-left" aria-hidden="true">
              {showsAfter ? 'After' : 'Before'}
            </span>
          </button>
        )}
        {view === 'side' && (
          <div class="compare-side">
            <figure>
              <Picture id={person} name="Before" />
              <figcaption>Before</figcaption>
            </figure>
            {garment !== undefined && (
              <figure>
                <Picture id={garment} name="Garment" />
                <figcaption>Garment</figcaption>
              </figure>
            )}
            <figure>
              <Picture id={result} name="After" />
              <figcaption>After</figcaption>
            </figure>
          </div>
        )}
        {view !== 'side' && garment !== undefined && (
          <figure class="compare-garment">
            <Picture id={garment} name="Garment" />
            <figcaption>Garment</figcaption>
          </figure>
        )}
      </div>
      <div class="segmented" role="group" aria-label="How the pictures are shown">
        {views.map(([name, label, icon]) => (
          <button
            key={name}
            type="button"
            aria-pressed={view === name}
            onClick={() => setView(name)}
            disabled={!result && name !== 'side'}
          >
            {icon} {label}
          </button>
        ))}
      </div>
    </div>
  );
}
