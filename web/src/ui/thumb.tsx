// SPDX-License-Identifier: MIT
// Small pictures of fixed size, so that nothing moves when they come; a drawn frame where there is
// none to see.

import { ImageOff, Shirt, Sparkles, User } from 'lucide-preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';

export type PictureRole = 'person' | 'garment' | 'result';

const frames = { person: User, garment: Shirt, result: Sparkles };

/** Where a picture is, by its id or, of a picture elsewhere, nothing: the page shows its own alone. */
export function imageUrl(id: string | undefined, part: 'full' | 'thumbnail'): string | null {
  if (!id || /^https?:/.test(id)) {
    return null;
  }
  return `/images/${encodeURIComponent(id)}${part === 'thumbnail' ? '/thumbnail' : ''}`;
}

export function Thumb({
  id,
  role,
  size = 40,
}: {
  id?: string;
  role: PictureRole;
  size?: number;
}): VNode {
  const [lost, setLost] = useState<string | null>(null);
  const url = imageUrl(id, 'thumbnail');
  const Frame = url && lost === url ? ImageOff : frames[role];
  return (
    <span class={`thumb ${role === 'result' ? 'is-result' : ''}`}>
      {url && lost !== url ? (
        <img
          src={url}
          alt={role}
          width={size}
          height={size}
          loading="lazy"
          decoding="async"
          onError={() => setLost(url)}
        />
      ) : (
        <Frame size={16} aria-hidden="true" />
      )}
    </span>
  );
}
